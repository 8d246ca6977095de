import Testing

/// What MindSpore's constructors take and refuse, `config_validation.json`, replayed.
struct ConfigTraceTests {
    @Test func everyRecordedConstructionIsReplayed() {
        let cases = TraceFile("config_validation.json").contents["cases"].array.map {
            ConfigCase(target: $0["target"].string ?? "", json: $0)
        }
        var counts: [String: (replayed: Int, different: Int, notExpressible: Int)] = [:]
        for configCase in cases {
            var count = counts[configCase.target] ?? (0, 0, 0)
            switch configCase.replay() {
            case .replayed: count.replayed += 1
            case .differs: count.different += 1
            case .notExpressible: count.notExpressible += 1
            case nil: Issue.record("\(configCase.target) \(configCase.json) is neither replayed nor listed")
            }
            counts[configCase.target] = count
        }
        for (target, count) in counts.sorted(by: { $0.key < $1.key }) {
            print(
                "config_validation.json, \(target): \(count.replayed) replayed, \(count.different) differ on purpose, "
                    + "\(count.notExpressible) cannot be expressed")
        }
        #expect(counts["CheckpointConfig"]?.replayed ?? 0 >= 170, "most cases of CheckpointConfig must be replayed")
        #expect(cases.count == 431)
    }
}
