import Files
import Glibc
import Synchronization

/// A server on the loopback interface that answers as a test says.
final class LoopbackServer: Sendable {
    /// What a server does with a request.
    enum Answer: Sendable {
        /// Sends these bytes and closes the connection.
        case bytes(String)
        /// Sends them one by one, so many milliseconds apart.
        case slowly(String, milliseconds: UInt32)
        /// Says nothing until the asker leaves.
        case silence

        static func ok(_ body: String) -> Self { status("200 OK", body) }

        static func status(_ line: String, _ body: String = "", fields: String = "") -> Self {
            .bytes("HTTP/1.1 \(line)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
        }
    }

    private final class Heard: Sendable {
        let all = Mutex<[String]>([])
    }

    let port: Int
    private let listener: Int32
    private let heard = Heard()
    private let isStopped = Atomic(false)

    /// The requests so far.
    var requests: [String] { heard.all.withLock { $0 } }

    init(_ answer: @escaping @Sendable (_ request: String) -> Answer) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(listener, pointer, size)
                _ = listen(listener, 16)
                _ = unsafe getsockname(listener, pointer, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        _ = SystemSurroundings().startThread("server") { [heard] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Here, since its number may be another socket's from now on.
                    close(listener)
                    return
                }
                let request = Self.readHead(connection)
                heard.all.withLock { $0.append(request) }
                Self.send(answer(request), to: connection)
                close(connection)
            }
        }
    }

    deinit { stop() }

    /// From now on nobody listens.
    func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func readHead(_ connection: Int32) -> String {
        var (bytes, byte) = ([UInt8](), UInt8(0))
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), unsafe read(connection, &byte, 1) == 1 {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func send(_ answer: Answer, to connection: Int32) {
        func write(_ bytes: [UInt8]) -> Bool {
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
            }
        }
        switch answer {
        case .bytes(let text): _ = write(Array(text.utf8))
        case .slowly(let text, let milliseconds):
            for byte in text.utf8 where write([byte]) { usleep(milliseconds * 1000) }
        case .silence:
            var byte = UInt8(0)
            _ = unsafe read(connection, &byte, 1)
        }
    }
}
