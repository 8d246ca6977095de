import Glibc
package import SystemPackage

extension ThisProcess {
    /// Becomes another program, with the same number and the same standard streams (`execv`).
    ///
    /// - Parameters:
    ///   - arguments: What it is told, without its name.
    ///   - settings: What is added to the environment.
    /// - Returns: only if that cannot be: why.
    package static func become(_ path: FilePath, _ arguments: [String], settings: [String: String] = [:]) -> Errno {
        for (name, value) in settings { unsafe setenv(name, value, 1) }
        var texts = unsafe ([path.string] + arguments).map { unsafe strdup($0) } + [nil]
        unsafe execv(path.string, &texts)
        let errno = Errno(rawValue: Glibc.errno)
        unsafe texts.forEach { text in unsafe free(text) }
        return errno
    }
}
