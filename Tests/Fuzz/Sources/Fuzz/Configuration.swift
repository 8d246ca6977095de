import Files

@testable import RunsCommandLine

/// A configuration file; what it says is written again, and read as the same.
func readConfiguration(_ bytes: [UInt8]) throws {
    let file = try ConfigurationFile(name: "run.yaml", bytes)
    // YAML takes longer keys only where they are marked.
    for entry in file.entries where entry.key.utf8.count < 100 {
        let value =
            switch entry.value {
            case .one(let text): YAMLText.scalar(text.text)
            case .list(let texts): YAMLText.list(texts.map(\.text))
            }
        let written = "\(YAMLText.scalar(entry.key)): \(value)\n"
        guard let again = try? ConfigurationFile(name: "again.yaml", Array(written.utf8)).entries, again.count == 1
        else {
            return require(false, "what is written cannot be read: \(written)")
        }
        require(again[0].key == entry.key, "the key '\(entry.key)' becomes '\(again[0].key)'")
        require(texts(again[0].value) == texts(entry.value), "'\(written)' is read as \(texts(again[0].value))")
    }
}

private func texts(_ value: ConfigurationFile.Value) -> [String] {
    switch value {
    case .one(let text): [text.text]
    case .list(let all): all.map(\.text)
    }
}
