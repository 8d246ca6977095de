/// How a run puts the samples of an epoch in order. One that carries on does as the run did that was saved, so that it reads
/// the samples that are left.
public enum Shuffling: String, Codable, Sendable {
    /// A table that is shuffled by the method of Fisher and Yates, as all runs had it at first.
    case fisherYates = "fisher-yates"

    /// A Feistel network, which needs no table.
    case feistel
}
