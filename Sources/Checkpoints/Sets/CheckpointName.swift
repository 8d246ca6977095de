import Files

/// The parts of a name such as "CKP-2_7" or "CKP-2_7_breakpoint".
package struct CheckpointName: Equatable {
    package let prefix: String
    package let epoch: Int
    package let stepInEpoch: Int
    package let isBreakpoint: Bool

    package static let breakpointSuffix = "_breakpoint"

    package init(prefix: String, epoch: Int, stepInEpoch: Int, isBreakpoint: Bool = false) {
        self.prefix = prefix
        self.epoch = epoch
        self.stepInEpoch = stepInEpoch
        self.isBreakpoint = isBreakpoint
    }

    /// Takes a name apart; nil if it is not of this kind.
    package init?(_ name: String) {
        isBreakpoint = name.hasSuffix(Self.breakpointSuffix)
        let core = isBreakpoint ? String(name.dropLast(Self.breakpointSuffix.count)) : name
        guard let dash = core.lastIndex(of: "-") else { return nil }
        let numbers = core[core.index(after: dash)...].split(separator: "_", omittingEmptySubsequences: false)
        guard numbers.count == 2, let epoch = Self.number(numbers[0]), let step = Self.number(numbers[1]) else {
            return nil
        }
        prefix = String(core[..<dash])
        self.epoch = epoch
        stepInEpoch = step
    }

    /// The same position under another prefix.
    package func with(prefix: String) -> CheckpointName {
        CheckpointName(prefix: prefix, epoch: epoch, stepInEpoch: stepInEpoch, isBreakpoint: isBreakpoint)
    }

    package var text: String { "\(prefix)-\(epoch)_\(stepInEpoch)" + (isBreakpoint ? Self.breakpointSuffix : "") }

    /// A number of ASCII digits, without a sign.
    package static func number(_ text: some StringProtocol) -> Int? { OutsideNumber(text)?.value }
}

/// The prefixes that runs use one after the other in a directory: "CKP", then "CKP_1", then "CKP_2".
///
/// Only names that are exactly of this kind count: `CKP12-1_1` and `CKP-a-1_1` are of other prefixes, unlike in
/// MindSpore. Breakpoints have a count of their own, as there.
package struct PrefixFamily {
    package let prefix: String

    package init(prefix: String) {
        self.prefix = prefix
    }

    /// Which of the family a prefix is, from 0; nil if it is not of the family.
    package func index(of other: String) -> Int? {
        // By bytes, as the disk tells names apart.
        var rest = NameScanner(other)
        guard rest.drop(prefix: prefix) else { return nil }
        if rest.isEmpty { return 0 }
        guard rest.drop(prefix: "_") else { return nil }
        // No run has come so far, and beyond the largest number there would be no next one.
        return CheckpointName.number(rest.text).flatMap { $0 < Self.limit ? $0 : nil }
    }

    private static let limit = 1_000_000_000

    /// The prefix for a run, where `names` are there: the last in use of those that it has used before, which are named in
    /// `earlier`; else the next that no name has.
    package func prefix(amid names: [String], breakpoints: Bool, carryingOn earlier: [String]) -> String {
        let number = indices(of: earlier, breakpoints).max() ?? free(besides: indices(of: names, breakpoints))
        return number == 0 ? prefix : "\(prefix)_\(number)"
    }

    /// The index after the last, or where somebody has used up the last one there is, the first that is free.
    private func free(besides used: Set<Int>) -> Int {
        let next = used.max().map { $0 + 1 } ?? 0
        return next < Self.limit ? next : (0...used.count).first { !used.contains($0) } ?? used.count
    }

    /// The indices that names of one kind have.
    private func indices(of names: [String], _ breakpoints: Bool) -> Set<Int> {
        let used = names.compactMap { CheckpointName($0) }.filter { $0.isBreakpoint == breakpoints }
        return Set(used.compactMap { index(of: $0.prefix) })
    }
}
