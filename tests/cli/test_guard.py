# SPDX-License-Identifier: Apache-2.0
"""Loop devices (root): what is in use is refused, with the very command that releases it."""
import json
import os
import subprocess
import threading

from bench import MIB, Bench, main, skip


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Guard(Bench):
    def setUp(self):
        if os.geteuid() != 0:
            skip(self, "loop devices need root")
        super().setUp()
        path = self.image("loop.img", 16 * MIB)
        try:
            self.loop = run("losetup", "-f", "--show", path)
        except subprocess.CalledProcessError as error:
            skip(self, "no loop device: " + error.stderr.strip())
        self.addCleanup(subprocess.run, ["losetup", "-d", self.loop], check=False)

    def refusal(self, target):
        plan = self.run_json(3, "plan", target, "--policy", "random-full", "--json")
        lines = self.run_lines(3, "erase", target, "--policy", "random-full", "--confirm",
                               plan["digest"][:8], "--json")
        self.assertEqual(len(lines), 1)
        self.assertEqual(lines[0]["outcome"], "refused")
        self.assertEqual(plan["refusal"]["reason"], lines[0]["error"]["what"])
        self.assertEqual(plan["refusal"]["remedy"], lines[0]["error"]["remedy"])
        return plan

    def test_mounted(self):
        run("mkfs.ext4", "-q", self.loop)
        where = self.path("photos")
        os.mkdir(where)
        run("mount", self.loop, where)
        self.addCleanup(subprocess.run, ["umount", where], check=False, capture_output=True)
        with open(where + "/a.txt", "w", encoding="ascii") as file:
            file.write("dear")
        plan = self.refusal(self.loop)
        self.assertEqual(plan["device"]["in_use"][0]["kind"], "mounted")
        self.assertIn(where, plan["refusal"]["reason"])
        self.assertIn("in use: ", self.run_ok("list").stdout)
        # The command is exact: it is run, and then nothing stands in the way.
        command = plan["refusal"]["remedy"]
        self.assertIn("umount", command)
        with open(where + "/a.txt", encoding="ascii") as file:
            self.assertEqual(file.read(), "dear")
        subprocess.run(command, shell=True, check=True)
        lines = self.run_lines(0, "erase", self.loop, "--policy", "random-full", "--confirm",
                               plan["digest"][:8], "--json")
        self.assertEqual((lines[-1]["outcome"], lines[-1]["substrate"]), ("passed", "virtual"))

    def test_held_by_another_loop_device(self):
        """What holds it on a bench is md or LVM: tests/vm has a kernel with those."""
        upper = run("losetup", "-f", "--show", self.loop)
        self.addCleanup(subprocess.run, ["losetup", "-d", upper], check=False, capture_output=True)
        plan = self.refusal(self.loop)
        self.assertIn(upper, plan["refusal"]["reason"])
        subprocess.run(plan["refusal"]["remedy"], shell=True, check=True, capture_output=True)
        plan = self.run_json(0, "plan", self.loop, "--policy", "random-full", "--json")
        self.assertEqual(plan["device"]["in_use"], [])

    def test_hot_plug_is_told(self):
        watch = subprocess.Popen(self.command("list", "--watch", "--json"), env=self.env,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        told = []

        def until(action, target):
            alarm = threading.Timer(20, watch.kill)
            alarm.start()
            for line in watch.stdout:
                event = json.loads(line)
                told.append((event["action"], event["target"]))
                if told[-1] == (action, target):
                    alarm.cancel()
                    return event
            self.fail(f"no {action} {target} in {told}")

        until("add", self.loop)  # what is there already comes first
        late = run("losetup", "-f", "--show", self.image("late.img", 4 * MIB))
        try:
            event = until("add", late)
            self.assertEqual(event["device"]["identity"]["capacity"], 4 * MIB)
        finally:
            run("losetup", "-d", late)
        until("remove", late)

    def test_backing_file_of_a_loop_device(self):
        plan = self.refusal(self.path("loop.img"))
        self.assertIn("losetup -d", plan["refusal"]["remedy"])

    def test_the_system_disk(self):
        """Whatever holds / is planned at most, and nothing releases it."""
        for device in self.run_json(0, "list", "--json"):
            for use in device["in_use"]:
                if not use["never"]:
                    continue
                done = self.run_cli("erase", device["target"], "--policy", "random-full",
                                    "--confirm", "never-mind", "--json")
                self.assertEqual(done.returncode, 3)
                self.assertEqual(json.loads(done.stdout)["outcome"], "refused")
                return
        skip(self, "no device here holds the running system")


if __name__ == "__main__":
    main()
