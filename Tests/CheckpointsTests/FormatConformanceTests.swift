import Checkpoints
import CheckpointsTestKit
import Testing

struct FormatConformanceTests {
    @Test(arguments: CheckpointFormats.all.indices) func everyFormatKeepsItsPromises(index: Int) throws {
        try FormatConformance(CheckpointFormats.all[index]).run()
    }

    @Test func formatsAreFoundByTheirExtension() {
        #expect(CheckpointFormats.named("ckpt") is CkptFormat)
        #expect(CheckpointFormats.named("safetensors") is SafetensorsFormat)
        #expect(CheckpointFormats.named("pt") == nil)
    }
}
