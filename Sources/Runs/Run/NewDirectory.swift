package import Collectives
import Files
import Foundation
import Stopping
package import SystemPackage

/// The directory of a run, which goes again if the run has made it and then cannot begin: whoever mistypes an argument finds
/// nothing left behind.
package struct NewDirectory {
    private static let marks: Set = [RunStatus.fileName, "run.lock"]

    private let path: FilePath
    private let isNew: Bool

    /// Notes whether the directory is there; before anybody makes it.
    package init(_ path: FilePath) {
        self.path = path
        isNew = !FileManager.default.fileExists(atPath: path.string)
    }

    /// Runs `body`, and removes the directory if that fails, unless somebody has put something into it meanwhile.
    package func kept<Result>(by world: any Communicator, ifSucceeds body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            let names = (try? LocalFileSystem().names(in: path)) ?? []
            if world.rank == 0, isNew, names.allSatisfy(Self.marks.contains) {
                try? FileManager.default.removeItem(atPath: path.string)
            }
            throw error
        }
    }
}
