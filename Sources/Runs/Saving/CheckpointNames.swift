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

    /// The same position under another prefix.
    func with(prefix: String) -> CheckpointName {
        CheckpointName(prefix: prefix, epoch: epoch, stepInEpoch: stepInEpoch, isBreakpoint: isBreakpoint)
    }

    var text: String { "\(prefix)-\(epoch)_\(stepInEpoch)" + (isBreakpoint ? Self.breakpointSuffix : "") }

    /// A number of ASCII digits; other digits and signs are none.
    static func number(_ text: some StringProtocol) -> Int? { OutsideNumber(text)?.value }
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

    /// The prefix for a run, where `names` are there: the last in use of those that it has used before, which are named in
    /// `earlier`; else the first that no name has.
    func prefix(amid names: [String], breakpoints: Bool, carryingOn earlier: [String]) -> String {
        let number = last(of: earlier, breakpoints) ?? last(of: names, breakpoints).map { $0 + 1 } ?? 0
        return number == 0 ? prefix : "\(prefix)_\(number)"
    }

    /// The highest index that names of one kind have.
    private func last(of names: [String], _ breakpoints: Bool) -> Int? {
        let used = names.compactMap { CheckpointName($0) }.filter { $0.isBreakpoint == breakpoints }
        return used.compactMap { index(of: $0.prefix) }.max()
    }
}

extension CheckpointDirectory {
    /// The names of the sets that are published here.
    func publishedNames() throws(FileError) -> [String] { try names(in: path, without: [SetNames.manifest(of: "")]) }

    /// The names of the sets of a run that are of a family; if there are none, those of older versions, which do not say
    /// of which run they are.
    func names(ofRun run: String, in family: PrefixFamily) throws(CheckpointSetError) -> [String] {
        let sets = try entries().entries.filter { set in
            CheckpointName(set.name).map { family.index(of: $0.prefix) != nil } ?? false
        }
        let own = sets.filter { $0.lineage?.run == run }
        return (own.isEmpty ? sets.filter { $0.lineage == nil } : own).map(\.name)
    }

    /// The names of all checkpoint files in folders here, without extensions, those too that no manifest names: a run
    /// must not overwrite another program's files.
    func checkpointNames(inFolders folders: [String]) throws(FileError) -> [String] {
        let suffixes = CheckpointFileFormat.allCases.map { ".\($0.rawValue)" }
        var found: [String] = []
        for folder in Set(folders + [""]).sorted() {
            found += try names(in: folder.isEmpty ? path : path.appending(folder), without: suffixes)
        }
        return found
    }

    private func names(in folder: FilePath, without suffixes: [String]) throws(FileError) -> [String] {
        guard try fileSystem.status(of: folder) != nil else { return [] }
        return try fileSystem.names(in: folder).compactMap { name in
            suffixes.first(where: name.hasSuffix).map { String(name.dropLast($0.count)) }
        }
    }
}
