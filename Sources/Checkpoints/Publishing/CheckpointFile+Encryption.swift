public import Ciphers

extension CheckpointFile {
    /// The same file, encrypted on its way to the disk; as it is if there is no `encryption`.
    public func encrypted(_ encryption: Encryption?) -> CheckpointFile {
        guard let encryption else { return self }
        return CheckpointFile(path, role: role) { try encryption.encrypting($0, path: path, write) }
    }
}

extension GatheredFile {
    /// The same file, encrypted on its way to the disk; as it is if there is no `encryption`.
    public func encrypted(_ encryption: Encryption?) -> GatheredFile {
        guard let encryption else { return self }
        return GatheredFile(path, role: role) { file in
            guard let file else { return try write(nil) }
            try encryption.encrypting(file, path: path) { try write($0) }
        }
    }
}
