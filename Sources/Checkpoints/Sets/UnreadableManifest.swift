import Files
import FoundationEssentials
import SystemPackage

/// A file that has the name of a manifest and cannot be read as one.
///
/// Whoever may write in a directory can put one there: rubbish, a directory, a pipe, a link to itself, a file of terabytes. So it
/// stops nobody, unless the storage itself fails.
public struct UnreadableManifest: Sendable {
    /// What is wrong with it.
    public let error: CheckpointSetError

    /// The id that it gives its set, if it does, as a manifest of a later version may; pending files with that id stay.
    let id: String?

    /// Whether the system does not let this user read it: then it may be that of a set, with files of the same owner.
    var isForOthers: Bool {
        guard case .file(let error) = error else { return false }
        return error.errno == .permissionDenied || error.errno == .notPermitted
    }
}

extension CheckpointSetError {
    /// Whether the storage has failed, so that what is there is not known: nothing can be deleted then. An error that anybody can
    /// cause by putting something into a directory is no such failure.
    var isOfStorage: Bool {
        guard case .file(let error) = self, let errno = error.errno else { return false }
        return !Self.plantable.contains(errno)
    }

    private static let plantable: Set<Errno> = [
        .permissionDenied, .notPermitted, .tooManySymbolicLinkLevels, .invalidArgument, .isDirectory, .notDirectory,
        .noSuchAddressOrDevice, .operationNotSupportedByDevice, .fileNameTooLong, .noSuchFileOrDirectory, .textFileBusy,
        .notSupported,
    ]
}

extension SetCatalog.Contents {
    /// What keeps everybody from deleting anything; nil if nothing does.
    var failure: CheckpointSetError? { unreadable.lazy.map(\.error).first(where: \.isOfStorage) }

    /// One sentence about manifests that cannot be read; nil if all can be.
    var passedOver: String? {
        guard let first = unreadable.first else { return nil }
        let more = unreadable.count - 1
        return "\(first.error); it is passed over" + (more == 0 ? "" : ", and so are \(more) more files like it")
    }
}

extension CheckpointDirectory {
    /// The id in a file that is no manifest that this version can read; nil if it has none.
    func claimedID(in manifestPath: FilePath) -> String? {
        guard let bytes = try? fileSystem.contents(of: manifestPath, limit: Manifest.byteLimit) else { return nil }
        return (try? JSONDecoder().decode(Claim.self, from: Data(bytes)))?.id
    }
}

private struct Claim: Decodable {
    let id: String
}
