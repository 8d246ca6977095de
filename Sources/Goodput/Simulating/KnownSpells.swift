/// Times with machines that are known, such as those of launches that were really made and killed.
struct KnownSpells: SpellSource {
    private var lengths: ArraySlice<Double>

    init(_ lengths: [Double]) {
        self.lengths = lengths[...]
    }

    mutating func next() -> Spell {
        // After the last one nothing more is asked about.
        Spell(wait: 0, length: lengths.popFirst() ?? .infinity, end: .hosts(1), notice: nil)
    }
}

extension TimeAccount {
    /// Where the time of a run goes whose launches are killed after so many seconds each, without notice: what a plan says of it,
    /// to be compared with what happens.
    package init(killedAfter lengths: [Double], interval: Double, step: Double, costs: SaveCosts) {
        let rhythm = SaveRhythm(interval: interval, step: step, costs: costs)
        var simulation = RunSimulation(rhythm: rhythm, costs: costs)
        // A moment more, so that the last one is killed too, whatever sums of seconds are rounded to.
        simulation.run(KnownSpells(lengths), for: lengths.reduce(0, +) + 1e-6)
        self = simulation.account
    }
}
