//! What a wrangler config says about bundling: rules, substitutions, JSX.

use super::view::{Found, View};
use crate::app::{BundleOptions, ModuleKind, ModuleRule};
use crate::place::Place;
use crate::reader::{Reader, Table};

const KINDS: [(&str, ModuleKind); 5] = [
    ("ESModule", ModuleKind::EsModule),
    ("CommonJS", ModuleKind::CommonJs),
    ("CompiledWasm", ModuleKind::CompiledWasm),
    ("Text", ModuleKind::Text),
    ("Data", ModuleKind::Data),
];

/// `rules`.
pub(super) fn rules(reader: &mut Reader, view: &View<'_>) -> Vec<ModuleRule> {
    let Some(found) = view.inherited("rules") else {
        return Vec::new();
    };
    let tables = reader.tables(found.node, &found.path, &["type", "globs", "fallthrough"]);
    tables
        .iter()
        .filter_map(|table| rule(reader, table))
        .collect()
}

fn rule(reader: &mut Reader, table: &Table<'_>) -> Option<ModuleRule> {
    let kind = table.required(reader, "type");
    let kind = kind.and_then(|node| reader.one_of(node, &table.path("type"), &KINDS));
    let globs = table.required(reader, "globs");
    let globs = globs.map(|node| reader.plain_texts(node, &table.path("globs")));
    let fallthrough = table.boolean(reader, "fallthrough");
    Some(ModuleRule {
        kind: kind?,
        globs: globs?,
        fallthrough: fallthrough.unwrap_or(false),
    })
}

/// The other keys about bundling.
pub(super) fn options(reader: &mut Reader, view: &View<'_>, place: &Place) -> BundleOptions {
    BundleOptions {
        define: pairs(reader, view.own("define")),
        alias: pairs(reader, view.at_top("alias")),
        tsconfig: path(reader, view.inherited("tsconfig"), place),
        jsx_factory: text(reader, view.inherited("jsx_factory")),
        jsx_fragment: text(reader, view.inherited("jsx_fragment")),
        no_bundle: switch(reader, view.inherited("no_bundle")).unwrap_or(false),
        minify: switch(reader, view.inherited("minify")).unwrap_or(false),
        keep_names: switch(reader, view.inherited("keep_names")),
        find_additional_modules: switch(reader, view.inherited("find_additional_modules")),
        preserve_file_names: switch(reader, view.inherited("preserve_file_names")).unwrap_or(false),
        base_dir: path(reader, view.inherited("base_dir"), place),
    }
}

fn pairs(reader: &mut Reader, found: Option<Found<'_>>) -> Vec<(String, String)> {
    let Some(found) = found else {
        return Vec::new();
    };
    let Some(table) = reader.open_table(found.node, &found.path) else {
        return Vec::new();
    };
    let entries = table.map.entries().iter();
    let pairs = entries.filter_map(|entry| {
        let text = reader.text(&entry.value, &table.path(&entry.key.text))?;
        Some((entry.key.text.clone(), text))
    });
    pairs.collect()
}

fn path(
    reader: &mut Reader,
    found: Option<Found<'_>>,
    place: &Place,
) -> Option<std::path::PathBuf> {
    let found = found?;
    place.free(reader, found.node, &found.path)
}

fn text(reader: &mut Reader, found: Option<Found<'_>>) -> Option<String> {
    let found = found?;
    reader.text(found.node, &found.path)
}

fn switch(reader: &mut Reader, found: Option<Found<'_>>) -> Option<bool> {
    let found = found?;
    reader.boolean(found.node, &found.path)
}
