import Foundation
import MPITestKit
import MindSporeTestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `launch/kubernetes`: there is no cluster here, so it is what can be seen without one.
    @Suite struct KubernetesTests {
        /// The fields of mpi-operator's kind, and what this project's promise rests on.
        @Test(.enabled(if: hasMindSpore, "the manifest is not read: LOCKSTEP_PYTHON is not set"))
        func manifestIsAnMPIJobWhosePodsWaitForTheRanks() throws {
            let job = try JSONDecoder().decode(Job.self, from: manifestAsJSON())
            #expect(job.apiVersion == "kubeflow.org/v2beta1" && job.kind == "MPIJob")
            #expect(job.spec.sshAuthMountPath == "/home/mpiuser/.ssh" && job.spec.slotsPerWorker == 4)
            #expect(Set(job.spec.mpiReplicaSpecs.keys) == ["Launcher", "Worker"])
            for (name, replica) in job.spec.mpiReplicaSpecs {
                let pod = replica.template.spec
                #expect(pod.terminationGracePeriodSeconds > 30 && pod.containers.count == 1, "\(name)")
                #expect(pod.containers[0].volumeMounts.map(\.name) == pod.volumes.map(\.name), "\(name)")
                for file in pod.containers[0].scripts {
                    let path = MPIRun.checkout.appending(path: file).path(percentEncoded: false)
                    #expect(FileManager.default.isExecutableFile(atPath: path), "\(path)")
                }
            }
            let worker = try #require(job.spec.mpiReplicaSpecs["Worker"]?.template.spec.containers[0])
            #expect(worker.lifecycle?.preStop.exec.command.first?.hasSuffix("/pre-stop") == true)
            let launcher = try #require(job.spec.mpiReplicaSpecs["Launcher"]?.template.spec.containers[0])
            let directory = try #require(launcher.args.firstIndex(of: "--directory")) + 1
            #expect(launcher.args[directory].hasPrefix(launcher.volumeMounts[0].mountPath + "/"))
        }

        @Test func hookAsksTheRanksOfAPodAndWaitsUntilTheyHaveLeft() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 2, epochs: 10_000)
            let stop = try run.stop { _ in
                let hook = MPIRun.checkout.appending(path: "launch/kubernetes/pre-stop").path(percentEncoded: false)
                let outcome = try MPIRun(
                    ranks: 1, "trainer", launcher: .command([hook, MPIRun.path(of: "trainer")]), limit: 120
                ).run()
                #expect(outcome.exitCode == 0, "\(outcome)")
                // Not later, as the container is gone then.
                _ = try SavedSet(in: folder.out, ranks: 2)
            }
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        private func manifestAsJSON() throws -> Data {
            let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"
            let manifest = MPIRun.checkout.appending(path: "launch/kubernetes/mpijob.yaml").path(percentEncoded: false)
            let python = try #require(ProcessInfo.processInfo.environment["LOCKSTEP_PYTHON"])
            let outcome = try MPIRun(
                ranks: 1, "trainer", [manifest], launcher: .command([python, "-c", script]), limit: 60
            ).run()
            return Data(outcome.output.utf8)
        }
    }
}

/// What is read of the manifest.
private struct Job: Decodable {
    let apiVersion: String
    let kind: String
    let spec: Spec

    struct Spec: Decodable {
        let slotsPerWorker: Int
        let sshAuthMountPath: String
        let mpiReplicaSpecs: [String: Replica]
    }

    struct Replica: Decodable {
        let replicas: Int
        let restartPolicy: String
        let template: Template
    }

    struct Template: Decodable {
        let spec: Pod
    }

    struct Pod: Decodable {
        let terminationGracePeriodSeconds: Int
        let containers: [Container]
        let volumes: [Volume]
    }

    struct Volume: Decodable {
        let name: String
    }

    struct Mount: Decodable {
        let name: String
        let mountPath: String
    }

    struct Container: Decodable {
        let image: String
        let command: [String]
        let args: [String]
        let lifecycle: Lifecycle?
        let volumeMounts: [Mount]

        /// The files of this checkout that it starts.
        var scripts: [String] {
            let words = command + (lifecycle?.preStop.exec.command ?? [])
            return words.filter { $0.hasPrefix("/lockstep/launch/") }.map { String($0.dropFirst("/lockstep/".count)) }
        }
    }

    struct Lifecycle: Decodable {
        let preStop: Hook
    }

    struct Hook: Decodable {
        let exec: Action
    }

    struct Action: Decodable {
        let command: [String]
    }
}
