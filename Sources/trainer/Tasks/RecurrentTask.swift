import Lockstep
import RunsCommandLine

extension Trainer {
    /// An LSTM of two layers of 256 on the bytes of a text, in samples of 128.
    func recurrentTask(in setting: TaskSetting) throws -> TrainingTask {
        try bytesTask("LSTM", CharacterLSTM(), length: 128, loss: GPTLoss(), peak: 3e-3, in: setting)
    }
}
