import Lockstep

RankProgram.main { mpi in
    let network = LeNet5()
    let model = Model(
        network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true),
        optimizer: Momentum(network.trainableParameters, learningRate: 0.02, momentum: 0.9),
        metrics: ["accuracy": Accuracy()], world: mpi.world)

    try model.train(
        5, DataLoader(Digits.train, batchSize: 32, shuffle: true),
        callbacks: [
            LossMonitor(perPrintTimes: 44),
            OnRequestExit(saveMindIR: false, fileName: "digits", directory: "out/digits"),
        ])
    let results = try model.eval(DataLoader(Digits.test, batchSize: 32, dropsRemainder: false))
    if mpi.world.rank == 0 { print("accuracy \(results["accuracy"] ?? 0)") }
}
