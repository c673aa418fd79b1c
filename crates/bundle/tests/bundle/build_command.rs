//! The config's build command.

use cellhouse_bundle::{BuildCommandError, Output, run_build_command};

use crate::support::Project;

type Printed = Vec<(Output, String)>;

fn run(command: &str, project: &Project) -> (Result<(), BuildCommandError>, Printed) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut printed = Printed::new();
    let result = runtime.block_on(run_build_command(
        command,
        &project.root(),
        |output, piece| {
            printed.push((output, String::from_utf8_lossy(piece).into_owned()));
        },
    ));
    (result, printed)
}

fn all(printed: &Printed, wanted: Output) -> String {
    printed
        .iter()
        .filter(|(output, _)| *output == wanted)
        .map(|(_, text)| text.as_str())
        .collect()
}

#[test]
fn it_runs_in_the_folder_and_its_output_is_handed_on() {
    let project = Project::new(&[("in.txt", "hello")]);
    let (result, printed) = run(
        "cp in.txt out.txt && cat out.txt && echo problem >&2",
        &project,
    );
    result.unwrap();
    assert_eq!(
        std::fs::read_to_string(project.root().join("out.txt")).unwrap(),
        "hello"
    );
    assert_eq!(all(&printed, Output::Stdout), "hello");
    assert_eq!(all(&printed, Output::Stderr), "problem\n");
}

#[test]
fn a_failure_tells_the_status_and_the_last_lines() {
    let project = Project::new(&[]);
    let (result, _) = run(
        "for i in 1 2 3; do echo line $i; done; echo broken >&2; exit 3",
        &project,
    );
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the build command `for i in 1 2 3; do echo line $i; done; echo broken >&2; exit 3` failed: exit status: 3"
    );
    let BuildCommandError::Failed {
        last_lines, status, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(status.code(), Some(3));
    assert!(
        last_lines.iter().any(|line| line == "broken"),
        "{last_lines:?}"
    );
    assert!(
        last_lines.iter().any(|line| line == "line 3"),
        "{last_lines:?}"
    );
}

#[test]
fn a_missing_folder_is_told() {
    let project = Project::new(&[]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let gone = project.root().join("gone");
    let result = runtime.block_on(run_build_command("true", &gone, |_, _| {}));
    let error = result.unwrap_err().to_string();
    assert!(
        error.starts_with("the build command `true` could not be started in"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn programs_of_packages_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("node_modules/.bin/my-tool", "#!/bin/sh\necho my tool ran\n")]);
    let tool = project.root().join("node_modules/.bin/my-tool");
    std::fs::set_permissions(tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (result, printed) = run("my-tool", &project);
    result.unwrap();
    assert_eq!(all(&printed, Output::Stdout), "my tool ran\n");
}

#[test]
fn nothing_is_read_from_the_terminal() {
    let project = Project::new(&[]);
    let (result, printed) = run("cat; echo end", &project);
    result.unwrap();
    assert_eq!(all(&printed, Output::Stdout), "end\n");
}

#[cfg(unix)]
#[test]
fn a_command_that_leaves_something_running_ends() {
    let project = Project::new(&[]);
    let (result, printed) = run("(sleep 30; echo late) & echo started", &project);
    result.unwrap();
    assert_eq!(all(&printed, Output::Stdout), "started\n");
}

#[cfg(unix)]
#[test]
fn dropping_it_ends_all_that_it_started() {
    let project = Project::new(&[]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let root = project.root();
    let (first, started) = tokio::sync::oneshot::channel();
    let mut first = Some(first);
    runtime.block_on(async {
        // Without its own stderr the shell would die of telling that `sleep` was ended.
        let command = "exec 2> /dev/null; (trap 'echo ended > ended; exit' TERM; echo up; while :; do sleep 0.05; done) & wait";
        let running = run_build_command(command, &root, |_, _| {
            first.take().map(|first| first.send(()));
        });
        tokio::select! {
            result = running => panic!("it ended by itself: {result:?}"),
            up = started => up.unwrap(),
        }
    });
    let ended = root.join("ended");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !ended.exists() {
        assert!(
            std::time::Instant::now() < deadline,
            "the command is still running"
        );
        std::thread::yield_now();
    }
}
