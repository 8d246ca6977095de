import Ciphers
import Files
import Wire

/// Where the blocks of an encrypted file lie, and which plain bytes each holds.
struct CipherIndex {
    struct Place {
        let block: CipherBlock
        /// Where the encrypted bytes begin in the file.
        let offset: Int
        let plain: Range<Int>
    }

    private(set) var places: [Place] = []

    /// The number of plain bytes in all blocks.
    var plainByteCount: Int { places.last?.plain.upperBound ?? 0 }

    /// The size of the largest block in bytes.
    var largestBlock: Int { places.map(\.block.cipherByteCount).max() ?? 0 }

    /// Which blocks hold plain bytes: a garbage file may have millions of blocks.
    func numbers(of bytes: Range<Int>) -> Range<Int> {
        let first = places.place { $0.plain.upperBound > bytes.lowerBound }
        return first..<max(first, places.place { $0.plain.lowerBound >= bytes.upperBound })
    }

    /// Reads the heads of all blocks.
    init(of file: any ReadableFile, encryption: Encryption) throws(FormatError) {
        let scanner = FormatScanner(file)
        let headByteCount = CipherBlock.headByteCount(encryption.mode)
        var offset = 0
        while offset < file.byteCount {
            guard file.byteCount - offset >= headByteCount else {
                throw scanner.damage(
                    offset, .cutOff(needed: UInt64(headByteCount), left: file.byteCount - offset))
            }
            let head = try scanner.bytes(in: offset..<offset + headByteCount)
            guard let block = CipherBlock(head: head, mode: encryption.mode) else {
                throw scanner.damage(offset, .cipherBlock)
            }
            let contents = offset + headByteCount
            guard block.cipherByteCount <= file.byteCount - contents else {
                throw scanner.damage(
                    contents,
                    .cutOff(needed: UInt64(block.cipherByteCount), left: file.byteCount - contents))
            }
            let padding = try Self.padding(of: block, at: contents, scanner, encryption)
            let start = plainByteCount
            places.append(
                Place(block: block, offset: contents, plain: start..<start + block.cipherByteCount - padding))
            offset = contents + block.cipherByteCount
        }
    }

    /// How many bytes at the end of a chained block are padding. Its last sixteen bytes depend only on the sixteen before them,
    /// so the rest need not be decrypted.
    private static func padding(
        of block: CipherBlock, at offset: Int, _ scanner: FormatScanner, _ encryption: Encryption
    ) throws(FormatError) -> Int {
        guard block.mode != .aesGCM else { return 0 }
        let end = offset + block.cipherByteCount
        var last = try scanner.bytes(in: end - 16..<end)
        let iv = block.cipherByteCount == 16 ? block.iv : try scanner.bytes(in: end - 32..<end - 16)
        let context = CipherContext(.decrypt, encryption, iv: iv, padding: false)
        let count = unsafe last.withUnsafeMutableBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            return unsafe context?.update(UnsafeRawBufferPointer(bytes), to: base)
        }
        let padding = Int(last[15])
        guard count == 16, (1...16).contains(padding), last.suffix(padding).allSatisfy({ $0 == last[15] }) else {
            throw scanner.damage(offset, .cannotDecrypt)
        }
        return padding
    }
}
