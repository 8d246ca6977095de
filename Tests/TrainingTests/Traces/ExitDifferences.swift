private typealias Difference = ExitDifference<ExitCase.Outcome>

/// Where Lockstep stops elsewhere than MindSpore, with the reason and what it does.
let exitDifferences: [String: ExitDifference<ExitCase.Outcome>] = Dictionary(
    uniqueKeysWithValues: [
        Difference(
            "no env; SIGTERM inside step 2: training is NOT interrupted, checkpoint only at the end",
            .noVariable, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM inside step 2 (network): stops after step 3",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; graph mode; SIGTERM in step_end 2 (before OnRequestExit): stops after step 3",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=0",
            .noVariable, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=true",
            .noVariable, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM in on_train_step_begin step=2 epoch=None, trigger after OnRequestExit in "
                + "the list",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM in on_train_step_end step=2 epoch=None, trigger before OnRequestExit in "
                + "the list",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM in on_train_step_end step=3 epoch=None, trigger before OnRequestExit in "
                + "the list",
            .noStepMore, 3, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM in on_train_step_end step=3 epoch=None, trigger after OnRequestExit in "
                + "the list",
            .noStepMore, 3, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM in on_train_epoch_end step=None epoch=1, trigger after OnRequestExit in "
                + "the list",
            .noStepMore, 3, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; SIGTERM sent by another process during step 2",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; two SIGTERM (steps 2 and 3)",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; sig=SIGUSR1 registered and sent",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; save_ckpt=False save_mindir=False: still stops, nothing written",
            .noStepMore, 2, evalSteps: 0, []),
        Difference(
            "env=1; save_ckpt=False save_mindir=True",
            .noStepMore, 2, evalSteps: 0, []),
        Difference(
            "env=1; file_name and directory",
            .noStepMore, 2, evalSteps: 0, ["out/dir/rank_0/LeNet_train.ckpt"]),
        Difference(
            "env=1; directory=None",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; config 0 -> 1 during step 2: stops after step 3, append entries kept",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            #"env=1; config content "[\"GracefulExit\"]""#,
            .noObject, 2, evalSteps: 0, []),
        Difference(
            #"env=1; config content "\"GracefulExit\"""#,
            .noObject, 2, evalSteps: 0, []),
        Difference(
            #"env=1; config content "1""#,
            .noObject, 2, evalSteps: 0, []),
        Difference(
            #"env=1; config content "null""#,
            .noObject, 2, evalSteps: 0, []),
        Difference(
            #"env=1; config content "{\"GracefulExit\": 1,}""#,
            .otherJSON, 1, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            #"env=1; config content "\ufeff{\"GracefulExit\": 1}""#,
            .otherJSON, 1, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            #"env=1; config content "{\"GracefulExit\": 0, \"GracefulExit\": 1}""#,
            .otherJSON, 2, evalSteps: 0, []),
        Difference(
            "env=1; config file appears in step 2",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; config 1 in step 2, back to 0 in step 3 begin before OnRequestExit: never seen",
            .notWithdrawn, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "env=1; config_file is a directory",
            .noObject, 1, evalSteps: 0, []),
        Difference(
            "env=1; config 1 during step 2 and SIGTERM during step 2: on_train_end overwrites the "
                + "file without append entries",
            .noStepMore, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "eval; config file 1: ignored in eval",
            .evaluationToo, 0, evalSteps: 1, ["rank_0/Net_eval.ckpt"]),
        Difference(
            "fit; env=1; SIGTERM inside training step 2",
            .noValidation, 2, evalSteps: 0, ["rank_0/Net_train.ckpt"]),
        Difference(
            "fit; env=1; SIGTERM inside validation step 1 of epoch 1: one more training step runs",
            .noValidation, 3, evalSteps: 1, ["rank_0/Net_train.ckpt"]),
        Difference(
            "fit; env=1; SIGTERM inside validation of the last epoch: saved at train end",
            .noValidation, 6, evalSteps: 3, ["rank_0/Net_train.ckpt"]),
        Difference(
            "fit; no env; SIGTERM inside validation of epoch 1: trains to the end",
            .noVariable, 3, evalSteps: 1, ["rank_0/Net_train.ckpt"]),
    ].map { ($0.name, $0) })

/// Cases that no run here can be like, with the reason.
let exitNotExpressible: [String: String] = [
    "env=1; SIGTERM registered, SIGINT sent inside the network: MindSpore's C++ SIGINT "
        + "handler turns it into SIGTERM":
        "MindSpore's own SIGINT handler; a signal is what it is here.",
    "env=1; sig=SIGINT registered, SIGINT sent inside the network of step 2: process dies by "
        + "SIGTERM":
        "MindSpore's own SIGINT handler; a signal is what it is here.",
    "env=1; sig=SIGINT registered, SIGINT sent in on_train_step_end 2":
        "MindSpore's own SIGINT handler; a signal is what it is here.",
    "env=1; sig=SIGINT registered, SIGINT sent in on_train_epoch_begin of epoch 1 (before "
        + "any compiled op ran)":
        "MindSpore's own SIGINT handler; a signal is what it is here.",
    "env=1; SIGTERM registered, SIGINT sent by another process during step 2":
        "MindSpore's own SIGINT handler; a signal is what it is here.",
    "env=1; external SIGKILL":
        "SIGKILL ends the process; launch tests kill ranks.",
    "env=1; user-built nn.TrainOneStepCell, Model(optimizer=None), config file":
        "There is one training step, which every network gets.",
    "env=1; custom training cell without the graceful parameters: never stops, saved at the end":
        "There is one training step, which every network gets.",
    "env=1; custom training cell, config file: request ignored":
        "There is one training step, which every network gets.",
    "env=1; two OnRequestExit objects (dirs a and b): only the last registered handler sees "
        + "the signal":
        "Two objects hear the same signal here, and both save.",
    "env=1; config_file=5 (int)":
        "A path is text in Swift.",
    "env=1; stop by config file, reset to 0, restart: loading raises, global_step has shape "
        + "() instead of (1,)":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "env=1; stop by config file, config still 1 at restart":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "stop with env=1, restart without env":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "stop with env=1, restart with save_ckpt=False: not loaded":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "stop with env=1 after SIGTERM, restart, second SIGTERM in step 1":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "env=1; stop by SIGTERM after step 4, restart in the same directory: the epoch loop "
        + "starts again at epoch 1 (nothing restores initial_epoch)":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "eval; second run loads Net_eval.ckpt":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "eval after a stopped training: loads Net_train.ckpt":
        "Two runs: Lockstep's second one carries on where the first stopped, which StopTests show.",
    "empty rank_0/Net_train.ckpt at start":
        "What is no published set is not looked at: the run begins anew.",
    "env=1; train, stopped by SIGTERM, then a second Model.train with the same OnRequestExit "
        + "object":
        "A callback object can be used again here; no request outlives its run.",
    "env=1; train stopped by SIGTERM, then Model.eval with the same object: eval also stops "
        + "at once":
        "A callback object can be used again here; no request outlives its run.",
    "env=1; with ModelCheckpoint(steps=100) before OnRequestExit: both save":
        "ModelCheckpoint beside it is replayed in checkpoint_names.json.",
    "no OnRequestExit; ModelCheckpoint(exception_save=True); SIGINT (Ctrl-C) at end of step "
        + "2: process dies by SIGTERM, no breakpoint file":
        "It is about ModelCheckpoint alone, whose _breakpoint Lockstep leaves on a stop of OnRequestExit.",
    "no OnRequestExit; ModelCheckpoint(exception_save=True); SIGTERM at end of step 2: dies, "
        + "no breakpoint file":
        "It is about ModelCheckpoint alone, whose _breakpoint Lockstep leaves on a stop of OnRequestExit.",
    "no OnRequestExit; ModelCheckpoint(exception_save=True); SIGINT in on_train_epoch_begin "
        + "1 (no op compiled yet): KeyboardInterrupt, breakpoint written":
        "It is about ModelCheckpoint alone, whose _breakpoint Lockstep leaves on a stop of OnRequestExit.",
    "Model.train in a worker thread: signal.signal fails":
        "A Swift program may train on any thread.",
]

extension ExitDifference<ExitCase.Outcome> {
    fileprivate init(
        _ name: String, _ reason: ExitReason, _ trainSteps: Int, evalSteps: Int, _ files: [String]
    ) {
        self.init(
            name, reason, ExitCase.Outcome(trainSteps: trainSteps, evalSteps: evalSteps, files: files))
    }
}
