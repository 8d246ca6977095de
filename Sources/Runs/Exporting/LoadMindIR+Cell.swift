import Checkpoints
public import Ciphers
public import Files
public import MindIR
public import Networks
public import SystemPackage

/// Loads the parameters of a `.mindir` file, Lockstep's or MindSpore's, into those of a network by name; returns the names
/// of what the network does not have.
///
/// An encrypted file needs its `key`, as do the files beside it that hold parameters.
///
/// - Throws: `MindIRError` for a parameter of the network that the file does not have like this, before any has changed;
///   `FormatError` for a wrong key.
@discardableResult
public func loadMindIR(
    _ path: FilePath, into network: any Cell, key: EncryptionKey? = nil, in files: any FileSystem = LocalFileSystem()
) throws -> [String] {
    try openMindIR(path, key: key, in: files).load(into: network.parameters)
}

/// Opens a `.mindir` file, encrypted or not.
///
/// - Throws: `MindIRError` if it is damaged; `FormatError` if it is encrypted and there is no key, or the other way round.
public func openMindIR(
    _ path: FilePath, key: EncryptionKey? = nil, in files: any FileSystem = LocalFileSystem()
) throws -> MindIRReader {
    try MindIRReader(path) { try DecryptedFile.opening(files.open($0), key: key) }
}
