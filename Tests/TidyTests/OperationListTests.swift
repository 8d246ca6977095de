import Testing

/// The list of built-in operations, which all checks of operations go through.
struct OperationListTests {
    private let files = SourceFile.all

    /// An operation that is left out is checked by nothing: not its gradient, not its kernel, not its form in MindSpore.
    @Test func eachOperationHasItsPlaceInTheList() {
        let lists: Set = ["ElementaryOperations.swift", "BuiltInOperations.swift"]
        let list = files.filter { lists.contains($0.name) }.flatMap { $0.code.map(\.text) }
        let operations = files.filter { ["Graphs", "LayerOperations"].contains($0.module) }.flatMap(operations)
        #expect(operations.contains("MatrixMultiply") && operations.contains("MaxPool.Gradient"))
        #expect(operations.contains("Unary.exp") && operations.contains("Broadcast.power"))
        #expect(operations.count > 100)
        for operation in operations {
            let isListed = list.contains { line in
                line.contains("\(operation)(") || line.contains("\(operation),") || line.contains("\(operation).")
                    || line.hasSuffix(operation)
            }
            #expect(isListed, "\(operation) is in no list of operations")
        }
    }

    /// The types that are operations, as "Reshape" or "MaxPool.Gradient", and the lines of tables, as "Unary.exp".
    private func operations(of file: SourceFile) -> [String] {
        var (outer, found, table) = ("", [String](), [String]())
        // The last line closes the last table.
        for text in file.code.map(\.text) + ["extension End {"] {
            if let match = text.firstMatch(of: /^(?:public |package )?(?:extension|struct|enum) ([\w.]+)/) {
                // A type that makes one operation stands in the list itself.
                if table.count > 1 { found += table }
                table = []
                outer = String(match.1)
            }
            if let match = text.firstMatch(of: /^extension \w+ where Self == (\w+)/) { outer = String(match.1) }
            if let type = text.firstMatch(
                of: /^( *)(?:public |package )?(?:struct|enum) (\w+): (?:.*\b)?(?:Operation|FinishableProduct)\b/)
            {
                found.append(type.1.isEmpty ? String(type.2) : "\(outer).\(type.2)")
            }
            if let line = text.firstMatch(of: /^    (?:public |package )?static var (\w+): Self \{/) {
                table.append("\(outer).\(line.1)")
            }
        }
        return found
    }
}
