public import Wire

/// Reads the wire format of protobuf in checkpoint files.
typealias FormatScanner = WireScanner<FormatError>

extension FormatError: WireFailure {}

extension FormatDamage: WireDamage {}
