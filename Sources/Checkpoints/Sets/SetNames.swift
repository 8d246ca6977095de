import Files
import SystemPackage

/// The names of a set's files in its directory.
///
/// Names that begin with a dot are for the protocol alone; readers pass them over.
package enum SetNames {
    /// The longest name of a set in bytes: file systems allow 255, and suffixes follow.
    static let lengthLimit = 150

    private static let manifestSuffix = ".manifest.json"
    private static let tombstoneSuffix = ".removed"
    private static let pendingSuffix = ".pending"

    /// What the manifest of a set is called.
    package static func manifest(of name: String) -> String { name + manifestSuffix }

    /// The name of a set from that of its manifest; nil if it is none.
    static func setName(ofManifest fileName: String) -> String? {
        guard let name = FileName(fileName)?.stem(before: manifestSuffix), !name.isHidden else { return nil }
        return name.text
    }

    /// The parts of the prefix of a name such as "net_1-2_7": "net" and 1, which is 0 where there is none; nil if the name
    /// is not of this kind. A run that begins anew beside an older one takes the next number.
    static func series(of name: String) -> (base: String, number: Int)? {
        var prefix = NameScanner(name)
        prefix.drop(suffix: "_breakpoint")
        guard prefix.dropDigitsAtEnd() != nil, prefix.drop(suffix: "_"), prefix.dropDigitsAtEnd() != nil,
            prefix.drop(suffix: "-"), !prefix.isEmpty
        else { return nil }
        var base = prefix
        guard let digits = base.dropDigitsAtEnd(), base.drop(suffix: "_"), !base.isEmpty,
            let number = OutsideNumber(digits)?.value
        else {
            return (prefix.text, 0)
        }
        return (base.text, number)
    }

    /// What the manifest of a set under removal is called.
    static func tombstone(of manifest: Manifest) -> String { ".\(manifest.name).\(manifest.id)\(tombstoneSuffix)" }

    /// What a directory is called that had the name of a manifest.
    static func aside(_ fileName: String, _ id: String) -> String { ".\(fileName).\(id).aside" }

    static func isTombstone(_ fileName: String) -> Bool {
        var name = NameScanner(fileName)
        return name.drop(prefix: ".") && name.drop(suffix: tombstoneSuffix)
    }

    /// Where a file lies between being written and being renamed: in the same directory, so that renaming is one step.
    static func pendingPath(of path: String, id: String) -> String {
        let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        return "\(path[..<nameStart]).\(path[nameStart...]).\(id)\(pendingSuffix)"
    }

    /// The id in a pending name of `fileName`; nil if `candidate` is none.
    static func id(inPending candidate: String, of fileName: String) -> String? {
        var name = NameScanner(candidate)
        guard name.drop(prefix: ".\(fileName)."), name.drop(suffix: pendingSuffix) else { return nil }
        let id = name.text
        return id.isEmpty || id.utf8.contains(UInt8(ascii: ".")) ? nil : id
    }

    /// The id of the set of which a file under its pending name is a part, whatever the file is called; nil if it is none
    /// that was made here.
    static func id(inPending candidate: String) -> String? {
        var name = NameScanner(candidate)
        guard name.drop(prefix: "."), name.drop(suffix: pendingSuffix),
            let digits = name.dropHexadecimalAtEnd(limit: 16), name.drop(suffix: "-"),
            let step = name.dropDigitsAtEnd(), name.drop(suffix: "."), !name.isEmpty
        else { return nil }
        return "\(step)-\(digits)"
    }

    /// Whether a file is a probe or an unfinished report that a process has left.
    static func isPassing(_ fileName: String) -> Bool {
        isProbe(NameScanner(fileName)) || isReport(NameScanner(fileName))
    }

    /// ".rank_7.1f.probe", ".shared.1f.probe" or ".speed.1f.probe"; of earlier versions ".rank_7.probe" or ".shared-1f.probe".
    private static func isProbe(_ name: NameScanner) -> Bool {
        var name = name
        guard name.drop(prefix: "."), name.drop(suffix: ".probe") else { return false }
        var subject = name
        if subject.dropHexadecimalAtEnd(limit: 16) != nil, subject.drop(suffix: ".") {
            return ["shared", "speed"].contains(subject.text) || isRankFolder(subject.text)
        }
        if isRankFolder(name.text) { return true }
        return name.drop(prefix: "shared-") && name.dropHexadecimalAtEnd() != nil && name.isEmpty
    }

    /// "meta.json.tmp", or one of some names with a dot and more before it and ".1f.tmp" behind it.
    private static func isReport(_ name: NameScanner) -> Bool {
        var name = name
        if name.text == "meta.json.tmp" { return true }
        guard name.drop(prefix: "."), name.drop(suffix: ".tmp"), name.dropHexadecimalAtEnd(limit: 16) != nil else {
            return false
        }
        while name.drop(prefix: ".") {}
        return ["status.json.", "status.json.reserve.", "account.jsonl.", "meta.json."].contains(name.text)
    }

    /// Whether a folder is one of a rank.
    static func isRankFolder(_ name: String) -> Bool {
        var name = NameScanner(name)
        return name.drop(prefix: "rank_") && name.dropDigitsAtEnd() != nil && name.isEmpty
    }

    /// Folders below which sets have files, beside those of ranks.
    static let folders = ["strategy", "checkpoint", "checkpoint_network", "checkpoint_trainable"]

    /// Whether a path is that of a manifest.
    static func isManifest(_ path: FilePath) -> Bool {
        path.lastComponent.map { setName(ofManifest: $0.string) != nil } ?? false
    }

    /// Whether a path leads to a file below the directory it is given in, in one way only, that can be one of a set's: it is
    /// deleted with the set. What is hidden, manifests, and what a run keeps there beside sets are none.
    static func isPathBelow(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let names = parts.compactMap { FileName(String($0)) }.filter { !$0.isHidden }
        guard names.count == parts.count, let first = names.first, let last = names.last else { return false }
        return !ofRuns.contains(first) && last.stem(before: manifestSuffix) == nil
    }

    private static let ofRuns: Set<FileName> = ["run.lock", "status.json", "account.jsonl", "halt", "hang"]
}
