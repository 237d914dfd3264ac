// Looks at each check of the conformance suite that failed: only-missing.mjs <folder of the results>.
// A scenario may be expected to fail and still hide a check that fails for another reason, so each has to say that
// something isn't there.
import fs from "node:fs";
import path from "node:path";

const NOT_THERE = [
  /There is no (tool|prompt) with this name\./,
  /^Tool '\w+' not found\./,
  /`uri` must be why-no-recording:/,
  // The name of a method of a feature that isn't offered.
  /: (completion\/complete|logging\/setLevel|resources\/subscribe)$/,
  // What follows from a step before, which failed for one of these reasons.
  /^Prerequisite failed:/,
  /^Expected InputRequiredResult with inputRequests and requestState$/,
  // Tasks.
  /^capabilities\.extensions MUST be advertised/,
  /tasks\/get MUST return -32021; got -32601/,
  /^expected -32602; got -32601/,
  /^tools\/call for failing_job returned error code -32602/,
  /^routing-task fixture from Check 2 unavailable/,
];

const isMissing = (check) =>
  check.details?.untestable === true || NOT_THERE.some((reason) => reason.test(check.errorMessage ?? ""));

let passed = 0;
const wrong = [];
for (const scenario of fs.readdirSync(process.argv[2])) {
  const checks = JSON.parse(fs.readFileSync(path.join(process.argv[2], scenario, "checks.json"), "utf8"));
  passed += checks.filter((check) => check.status === "SUCCESS").length;
  const failed = checks.filter((check) => check.status === "FAILURE" && !isMissing(check));
  wrong.push(...failed.map((check) => `${scenario}: ${check.id}: ${check.errorMessage}`));
}
wrong.forEach((line) => console.error(line));
// Without any that passed, nothing was tested.
process.exit(wrong.length === 0 && passed > 30 ? 0 : 1);
