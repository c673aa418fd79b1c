//! `wrangler.toml`, `wrangler.json` and `wrangler.jsonc`: Cloudflare's keys, and ours by them.
//!
//! A named environment inherits some keys and not others, as wrangler has it. A config that
//! deploys to Cloudflare loads here: what we do not have is read, checked and said to be missing.

mod bindings;
mod bundle;
mod exports;
mod keys;
mod products;
mod queues;
mod rate_limit;
mod settings;
mod view;

use crate::app::{App, Kind, Style};
use crate::date::CompatibilityDate;
use crate::place::Place;
use crate::reader::Reader;
use crate::tree::{Map, Node};

use self::view::View;

/// Reads a whole wrangler config for an environment. The root is a map.
pub(crate) fn read(
    reader: &mut Reader,
    root: &Node,
    place: &Place,
    environment: Option<&str>,
) -> App {
    let empty = Map::default();
    let top = root.as_map().unwrap_or(&empty);
    let whole = View::top_level(top);
    keys::check_top_level(reader, top);
    let app = read_view(reader, &whole, place);
    match View::of_environment(reader, top, environment) {
        // The top level was read too, so that its errors show; what counts is the environment.
        Some(view) => {
            view.warn_about_missing(reader);
            keys::check_environment(reader, &view);
            read_view(reader, &view, place)
        }
        None => app,
    }
}

fn read_view(reader: &mut Reader, view: &View<'_>, place: &Place) -> App {
    reader.forget_claims();
    keys::check_shapes(reader, view);
    keys::note_missing(reader, view);
    keys::refuse_pages(reader, view);
    let (main, main_at) = settings::main(reader, view, place);
    let (assets, assets_binding) = settings::assets(reader, view, place);
    let mut bindings = bindings::read(reader, view, place);
    bindings.extend(assets_binding);
    bindings.extend(products::read(reader, view));
    bindings.sort_by_key(|binding| binding.source.span());
    let migrations = settings::migrations(reader, view);
    let name = settings::name(reader, view, place);
    crate::shared::renamed::check(reader, &name, &bindings, &migrations);
    let date = settings::date(reader, view).unwrap_or(CompatibilityDate::NEWEST);
    App {
        name,
        style: Style::Wrangler,
        kind: Kind::Worker,
        root: place.root.clone(),
        home: place.home.clone(),
        config_path: place.config.clone(),
        environment: view.name().map(str::to_owned),
        main,
        main_at,
        base: None,
        out: None,
        compatibility_date: date,
        compatibility_flags: settings::flags(reader, view, date),
        build: settings::build(reader, view, place),
        vars: settings::vars(reader, view),
        required_secrets: settings::secrets(reader, view),
        bindings,
        class_exports: exports::read(reader, view, &migrations),
        migrations,
        crons: settings::crons(reader, view),
        tail_consumers: settings::tail_consumers(reader, view),
        consumers: queues::consumers(reader, view),
        assets,
        rules: bundle::rules(reader, view),
        bundle: bundle::options(reader, view, place),
        dev: settings::dev(reader, view),
        limits: settings::limits(reader, view),
        log_level: None,
        skew_protection: None,
        agent_rules: true,
    }
}
