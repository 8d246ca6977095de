import Layouts
import Testing

struct DeviceMeshTests {
    @Test func theLastAxisRunsFastest() throws {
        let mesh = try DeviceMesh(["dp": 4, "tp": 2])
        #expect(mesh.deviceMatrix == [4, 2])
        #expect(mesh.axisNames == ["dp", "tp"])
        #expect(mesh.rankCount == 8)
        #expect((0..<8).map(mesh.coordinates) == (0..<8).map { [$0 / 2, $0 % 2] })
        #expect((0..<8).map { mesh.rank(at: mesh.coordinates(of: $0)) } == Array(0..<8))
    }

    @Test func ranksAlongAnAxisFormGroups() throws {
        let mesh = try DeviceMesh(["dp": 2, "sp": 2, "tp": 2])
        #expect(try mesh.groups(along: ["tp"]) == [[0, 1], [2, 3], [4, 5], [6, 7]])
        #expect(try mesh.groups(along: ["dp"]) == [[0, 4], [1, 5], [2, 6], [3, 7]])
        #expect(try mesh.groups(along: ["tp", "dp"]) == [[0, 1, 4, 5], [2, 3, 6, 7]])
        #expect(try mesh.groups(along: []) == (0..<8).map { [$0] })
        #expect(try mesh.group(of: 6, along: ["sp"]) == [4, 6])
    }

    @Test func badMeshesAreRefusedInOneSentence() throws {
        #expect(throws: LayoutError.axisTwice("dp")) { try DeviceMesh(["dp": 2, "dp": 4]) }
        #expect(throws: LayoutError.axisSize(axis: "tp", size: 0)) { try DeviceMesh(["dp": 2, "tp": 0]) }
        #expect(throws: LayoutError.axisName("None")) { try DeviceMesh(["None": 2]) }
        #expect(throws: LayoutError.axisName("")) { try DeviceMesh(["": 2]) }
        #expect(throws: LayoutError.tooManyRanks(deviceMatrix: [Int.max, 2])) {
            try DeviceMesh(["dp": Int.max, "tp": 2])
        }
        let axes = (0..<65).map { DeviceMesh.Axis("axis\($0)", size: 1) }
        #expect(throws: LayoutError.tooManyAxes(65)) { try DeviceMesh(axes: axes) }
        #expect(try DeviceMesh(axes: Array(axes.dropLast())).rankCount == 1)
        let mesh = try DeviceMesh(["dp": 4, "tp": 2])
        #expect(throws: LayoutError.rankCount(mesh: mesh, ranks: 6)) { try mesh.check(rankCount: 6) }
        #expect(
            LayoutError.rankCount(mesh: mesh, ranks: 6).description
                == "the mesh dp 4 × tp 2 has 8 ranks, but there are 6")
        try mesh.check(rankCount: 8)
    }

    @Test func theEmptyMeshIsOneRank() throws {
        let mesh = try DeviceMesh([:])
        #expect(mesh.rankCount == 1)
        #expect(mesh.coordinates(of: 0) == [])
    }
}
