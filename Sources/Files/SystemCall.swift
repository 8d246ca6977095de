import Glibc
import SystemPackage

/// Repeats a C call while signals interrupt it, and turns −1 into an error.
@discardableResult
func systemCall(_ operation: String, _ path: FilePath, _ call: () -> Int32) throws(FileError) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        let error = Errno(rawValue: errno)
        guard error == .interrupted else { throw FileError(operation, path, error) }
    }
}

/// Runs calls of swift-system, which throw nothing but `Errno`, and names operation and path in the error.
func attempt<Result>(
    _ operation: String, _ path: FilePath, _ body: () throws -> Result
) throws(FileError) -> Result {
    do {
        return try body()
    } catch let errno as Errno {
        throw FileError(operation, path, errno)
    } catch {
        throw FileError(operation, path, reason: "\(error)")
    }
}
