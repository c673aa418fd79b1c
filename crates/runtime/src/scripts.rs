//! The JavaScript of the runtime, ours and Deno's, as it is in the binary.

use deno_core::Extension;

/// Specifier and text of every script; see `build.rs`.
pub(crate) static SCRIPTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scripts.rs"));

/// Makes extensions forget the paths of their scripts, which exist on the build machine only.
pub(crate) fn embedded(mut extensions: Vec<Extension>) -> Vec<Extension> {
    for extension in &mut extensions {
        extension.lazy_loaded_js_files = std::borrow::Cow::Borrowed(&[]);
        extension.lazy_loaded_esm_files = std::borrow::Cow::Borrowed(&[]);
    }
    extensions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_extension_reads_a_file_of_the_build_machine() {
        for extension in embedded(crate::isolate::extensions()) {
            assert!(extension.js_files.is_empty(), "{}", extension.name);
            assert!(extension.esm_files.is_empty(), "{}", extension.name);
            assert!(
                extension.lazy_loaded_js_files.is_empty(),
                "{}",
                extension.name
            );
        }
    }

    #[test]
    fn every_script_is_there_once() {
        let mut names: Vec<_> = SCRIPTS.iter().map(|(name, _)| name).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.contains(&&"ext:deno_web/06_streams.js"));
        assert!(names.contains(&&"ext:cellhouse_runtime/bootstrap.js"));
    }
}
