//! A project in a temporary folder: a copy of an example, or files that the test writes.
//! The folder, with all data that the server keeps in it, goes away with the value.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Start;

pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cellhouse-test-")
            .tempdir()
            .expect("a temporary folder");
        Self { folder }
    }

    /// A copy of `examples/<name>`.
    pub fn example(name: &str) -> Self {
        let project = Self::empty();
        copy(&repository().join("examples").join(name), project.path());
        project
    }

    /// A Ploy project with this one source file.
    pub fn ploy(bindings: &str, source: &str) -> Self {
        Self::empty()
            .with("ploy.yaml", &format!("kind: dynamic\n{bindings}"))
            .with("src/index.ts", source)
    }

    pub fn with(self, file: &str, text: &str) -> Self {
        self.write(file, text);
        self
    }

    /// Writes a file as an editor does: the old file in one step becomes the new one.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        let parent = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(parent).expect("make the folder");
        let fresh = path.with_extension("new-version");
        fs::write(&fresh, text).expect("write the file");
        fs::rename(&fresh, &path).expect("put the file in place");
    }

    pub fn read(&self, file: &str) -> String {
        let path = self.path().join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn has(&self, file: &str) -> bool {
        self.path().join(file).exists()
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `cellhouse dev` on this project, not yet started.
    pub fn dev(&self) -> Start {
        Start::dev(self.path())
    }

    /// Any other command of the binary, run in this folder.
    pub fn command(&self, arguments: &[&str]) -> Start {
        Start::command(self.path(), arguments)
    }
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders below the root")
        .to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("make the folder");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("read the folder");
        let target = to.join(entry.file_name());
        if [".cellhouse", "node_modules"]
            .iter()
            .any(|skip| entry.file_name() == *skip)
        {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("copy the file");
        }
    }
}
