package import Collectives
package import Files
import Reporting
import Stopping
package import SystemPackage

/// The directory of a run, which goes again if the run has made it and then cannot begin: whoever mistypes an argument finds
/// nothing left behind.
package struct NewDirectory {
    private static let marks: Set = [RunStatus.fileName, AccountFile.name, "run.lock"]

    private let path: FilePath
    private let isNew: Bool
    private let files: any FileSystem

    /// Notes whether the directory is there; before anybody makes it.
    package init(_ path: FilePath, on files: any FileSystem) {
        self.files = files
        self.path = path
        do {
            isNew = try files.status(of: path) == nil
        } catch {
            // One that cannot be looked at is somebody's.
            isNew = false
        }
    }

    /// Runs `body`, and removes the directory if that fails, unless somebody has put something into it meanwhile.
    package func kept<Result>(by world: any Communicator, ifSucceeds body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            let names = (try? files.names(in: path)) ?? []
            if world.rank == 0, isNew, names.allSatisfy(Self.marks.contains) {
                for name in names { try? files.remove(path.appending(name)) }
                try? files.removeDirectory(path)
            }
            throw error
        }
    }
}
