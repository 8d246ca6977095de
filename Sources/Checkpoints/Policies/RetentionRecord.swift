/// A rule of retention as a manifest names it, so that whoever cleans the directory later knows what the run keeps.
public struct RetentionRecord: Codable, Equatable, Sendable {
    /// "latest", "onePerMinutes", "everySteps" or "best".
    public let rule: String

    /// Its number.
    public let count: Int

    /// The metric of "best".
    public let metric: String?

    /// Which values of it are good: "min" or "max".
    public let order: String?

    private init(_ rule: String, _ count: Int, of metric: String? = nil, _ order: Retention.Order? = nil) {
        self.rule = rule
        self.count = count
        self.metric = metric
        self.order = order?.rawValue
    }

    fileprivate init(_ rule: Retention.Rule) {
        switch rule {
        case .latest(let count): self.init("latest", count)
        case .onePerMinutes(let minutes): self.init("onePerMinutes", minutes)
        case .everySteps(let steps): self.init("everySteps", steps)
        case .best(let count, let metric, let order): self.init("best", count, of: metric, order)
        }
    }

    /// The rule; nil if this version does not know it.
    fileprivate var known: Retention.Rule? {
        guard count >= 1 else { return nil }
        switch rule {
        case "latest": return .latest(count)
        case "onePerMinutes": return .onePerMinutes(count)
        case "everySteps": return .everySteps(count)
        case "best":
            guard let metric, let order = order.flatMap(Retention.Order.init) else { return nil }
            return .best(count, of: metric, order)
        default: return nil
        }
    }
}

extension Retention {
    /// The rules as a manifest names them.
    var records: [RetentionRecord] { rules.map(RetentionRecord.init) }

    /// The rules that a manifest names; nil if it names one that this version does not know. None keep everything.
    public init?(recorded records: [RetentionRecord]) {
        let known = records.compactMap(\.known)
        guard known.count == records.count else { return nil }
        self.init(known)
    }
}
