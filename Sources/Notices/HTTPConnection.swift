import Files
import Glibc

/// Why a service gave no answer.
struct NoAnswer: Error, CustomStringConvertible {
    let description: String
}

/// Asks a service once, over a connection of its own.
///
/// By a few calls of the system and not by `URLSession`: that brings libcurl, TLS and threads of its own into every program for a
/// request without encryption to the machine itself, obeys proxies that the environment names, which such a request must not
/// go through, and gives no bound for a whole exchange in which a server sends a byte now and then.
struct HTTPConnection {
    let address: ServiceAddress
    let surroundings: any Surroundings

    /// What a whole exchange may take, however slowly it goes.
    static let patience = Duration.seconds(2)
    private static let mostBytes = 1 << 18

    /// Sends a request and reads the answer to its end, or to that of the connection where it does not say where it ends.
    func send(_ request: HTTPRequest) throws(NoAnswer) -> HTTPResponse {
        let end = surroundings.now + Self.patience
        let socket = try connect(by: end)
        defer { close(socket) }
        try write(request.bytes(to: address), to: socket, by: end)
        let bytes = try read(from: socket, by: end)
        guard let response = HTTPResponse(bytes) else { throw NoAnswer(description: "what it says is no whole HTTP") }
        return response
    }

    private func connect(by end: ContinuousClock.Instant) throws(NoAnswer) -> Int32 {
        // A name such as localhost may have two addresses, of which a server listens on one.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address.host, "\(address.port)", &hints, &list) == 0, let first = unsafe list else {
            throw NoAnswer(description: "no host is called \(address.host)")
        }
        defer { unsafe freeaddrinfo(first) }
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while true {
            guard let candidate = unsafe next else { throw NoAnswer(description: "no host is called \(address.host)") }
            unsafe next = candidate.pointee.ai_next
            do throws(NoAnswer) {
                return try unsafe connect(to: candidate.pointee, by: end)
            } catch {
                guard unsafe next != nil else { throw error }
            }
        }
    }

    private func connect(to info: addrinfo, by end: ContinuousClock.Instant) throws(NoAnswer) -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = unsafe Glibc.socket(info.ai_family, flags, 0)
        guard socket >= 0 else { throw failure("open a socket", errno) }
        do throws(NoAnswer) {
            let result = unsafe Glibc.connect(socket, info.ai_addr, info.ai_addrlen)
            if result != 0 {
                guard errno == EINPROGRESS else { throw failure("connect", errno) }
                try wait(for: Int16(POLLOUT), on: socket, by: end)
                var (code, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
                unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw failure("connect", code) }
            }
            return socket
        } catch {
            close(socket)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to socket: Int32, by end: ContinuousClock.Instant) throws(NoAnswer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: Int16(POLLOUT), on: socket, by: end)
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { rest = rest.dropFirst(count) }
            if count < 0, errno != EAGAIN, errno != EINTR { throw failure("ask", errno) }
        }
    }

    private func read(from socket: Int32, by end: ContinuousClock.Instant) throws(NoAnswer) -> [UInt8] {
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            try wait(for: Int16(POLLIN), on: socket, by: end)
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            if count == 0 { return bytes }
            guard count > 0 else {
                guard errno == EAGAIN || errno == EINTR else { throw failure("read", errno) }
                continue
            }
            bytes += buffer[..<count]
            if HTTPResponse(bytes)?.endsItself == true { return bytes }
            guard bytes.count <= Self.mostBytes else { throw NoAnswer(description: "it says too much") }
        }
    }

    private func wait(for events: Int16, on socket: Int32, by end: ContinuousClock.Instant) throws(NoAnswer) {
        while true {
            let left = surroundings.now.duration(to: end) / .milliseconds(1)
            guard left > 0 else { throw NoAnswer(description: "it says nothing for \(Self.patience)") }
            var request = pollfd(fd: socket, events: events, revents: 0)
            let ready = unsafe poll(&request, 1, Int32(left.rounded(.up)))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw failure("wait", errno) }
        }
    }

    private func failure(_ action: String, _ code: Int32) -> NoAnswer {
        NoAnswer(description: unsafe "cannot \(action): \(String(cString: strerror(code)))")
    }
}
