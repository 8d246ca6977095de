import Checkpoints
import Files
import SystemPackage

/// The parts of a name such as "CKP-2_7" or "CKP-2_7_breakpoint".
struct CheckpointName: Equatable {
    let prefix: String
    let epoch: Int
    let stepInEpoch: Int
    let isBreakpoint: Bool

    static let breakpointSuffix = "_breakpoint"

    init(prefix: String, epoch: Int, stepInEpoch: Int, isBreakpoint: Bool = false) {
        self.prefix = prefix
        self.epoch = epoch
        self.stepInEpoch = stepInEpoch
        self.isBreakpoint = isBreakpoint
    }

    /// Takes a name apart; nil if it is none.
    init?(_ name: String) {
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

    var text: String { "\(prefix)-\(epoch)_\(stepInEpoch)" + (isBreakpoint ? Self.breakpointSuffix : "") }

    /// A number of ASCII digits; other digits and signs are none.
    static func number(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

/// The prefixes that runs use one after the other in a directory: "CKP", then "CKP_1", then "CKP_2".
///
/// Only names that are exactly of this kind count: `CKP12-1_1` and `CKP-a-1_1` are of other prefixes, unlike in
/// MindSpore. Breakpoints have a count of their own, as there.
struct PrefixFamily {
    let prefix: String

    /// Which of the family a prefix is, from 0; nil if it is none of it.
    func index(of other: String) -> Int? {
        guard other != prefix else { return 0 }
        guard other.hasPrefix(prefix + "_") else { return nil }
        return CheckpointName.number(other.dropFirst(prefix.count + 1))
    }

    /// The prefix for a run, where `names` are there: the first that no name has, or for a run that carries on the last
    /// one in use.
    func prefix(amid names: [String], breakpoints: Bool, carriesOn: Bool) -> String {
        let used = names.compactMap { CheckpointName($0) }.filter { $0.isBreakpoint == breakpoints }
        let indices = used.compactMap { index(of: $0.prefix) }
        guard let last = indices.max() else { return prefix }
        let number = carriesOn ? last : last + 1
        return number == 0 ? prefix : "\(prefix)_\(number)"
    }
}

extension CheckpointDirectory {
    /// The names of all checkpoints here, without extensions, those too that no manifest names: a run must not
    /// overwrite another program's files.
    func checkpointNames(inFolders folders: [String]) throws(FileError) -> [String] {
        let suffixes = [".manifest.json"] + CheckpointFileFormat.allCases.map { ".\($0.rawValue)" }
        var found: [String] = []
        for folder in [path] + folders.map({ path.appending($0) }) where try fileSystem.status(of: folder) != nil {
            for name in try fileSystem.names(in: folder) {
                guard let suffix = suffixes.first(where: name.hasSuffix) else { continue }
                found.append(String(name.dropLast(suffix.count)))
            }
        }
        return found
    }
}
