//! What a module says of itself in custom sections, which its rewritten form has not: they are read again when
//! somebody asks.

use std::hash::{DefaultHasher, Hash, Hasher};

use wasm_encoder::{CustomSection, Module};
use wasmparser::{BinaryReader, Name, NameSectionReader, Parser, Payload};

/// The custom sections of a name.
pub(crate) fn custom_sections<'a>(bytes: &'a [u8], name: &str) -> impl Iterator<Item = &'a [u8]> {
    let sections = Parser::new(0).parse_all(bytes).map_while(Result::ok);
    sections.filter_map(move |it| match it {
        Payload::CustomSection(section) if section.name() == name => Some(section.data()),
        _ => None,
    })
}

/// What the module's own name section calls a function.
pub(crate) fn function_name(bytes: &[u8], function: u32) -> Option<String> {
    let section = custom_sections(bytes, "name").next()?;
    let subsections = NameSectionReader::new(BinaryReader::new(section, 0));
    for subsection in subsections {
        if let Name::Function(names) = subsection.ok()? {
            let mut names = names.into_iter().map_while(Result::ok);
            return Some(names.find(|it| it.index == function)?.name.to_owned());
        }
    }
    None
}

/// What the engine has in place of a rewritten module, of which it would keep copies: an empty one that is
/// different for each, because it makes the URL of its functions out of that.
pub(crate) fn stand_in(bytes: &[u8]) -> Vec<u8> {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "cellhouse:hash".into(),
        data: hasher.finish().to_le_bytes()[..].into(),
    });
    module.finish()
}
