/// Where Lockstep's ranks stop elsewhere than MindSpore's, with the reason and what they do.
let distributedExitDifferences: [String: ExitDifference<DistributedExitCase.Outcome>] = {
    let one: [ExitDifference<DistributedExitCase.Outcome>] = [
        difference(
            "UNPATCHED 2.10 on CPU: the first step fails, AllReduce has no int32 kernel", .ownReduction, [2]),
        difference("SIGTERM to rank 0 only at end of step 2: nobody stops", .oneRank, [2]),
        difference("SIGTERM to both ranks at end of step 2", .noStepMore, [2]),
        difference("SIGTERM to rank 0 at end of step 1, rank 1 at end of step 3", .oneRank, [1]),
        difference(
            "SIGTERM to rank 0 in step begin 2 (before OnRequestExit), rank 1 at end of step 2", .noStepMore, [2]),
        difference("shared config file set to 1 by rank 0 at end of step 2", .noStepMore, [2]),
        difference("SIGTERM to rank 0 at end of step 2; shared config file 1 at end of step 4", .oneRank, [2]),
        difference(
            "shared config file 1 at end of step 2, back to 0 at end of step 3 (already stopped)", .noStepMore, [2]),
        difference("no env; SIGTERM to both ranks at end of step 2", .noVariable, [2]),
        difference("DATA_PARALLEL; SIGTERM to both at end of step 2", .noStepMore, [2]),
        difference("both ranks stopped by SIGTERM; restart, no signal: trains all steps", .carriesOn, [2, 4]),
        difference(
            "both ranks stopped by SIGTERM; restart, SIGTERM to rank 0 only at end of step 1: rank 0 leaves alone, "
                + "rank 1 fails in the next AllReduce",
            .notSaved, [2, 1]),
    ]
    return Dictionary(uniqueKeysWithValues: one.map { ($0.name, $0) })
}()

/// Cases that no run here can be like, with the reason.
let distributedExitNotExpressible = [
    "fixed loss scale; shared config file": "There is no loss scale: numbers have 32 bits."
]

/// Both ranks make so many steps in each run, and both leave a checkpoint.
private func difference(
    _ name: String, _ reason: ExitReason, _ steps: [Int]
) -> ExitDifference<DistributedExitCase.Outcome> {
    ExitDifference(name, reason, DistributedExitCase.Outcome(steps: steps.map { [$0, $0] }))
}
