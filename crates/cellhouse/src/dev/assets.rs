//! The static files of an app, from its config.

use std::sync::Arc;

use cellhouse_assets::{HtmlHandling, NotFound, Options, ScriptFirst, Site};
use cellhouse_config::{App, CompatibilityDate, RunWorkerFirst};
use cellhouse_exchange::Request;
use cellhouse_runtime::{Front, FrontAnswer};

use crate::report::{Problem, Reporter, shown};

/// From this date on a browser that goes to a page gets what is there for what is not found before the script is
/// asked, unless a flag says otherwise.
const NAVIGATION_DATE: &str = "2025-04-01";
const NAVIGATION_ON: &str = "assets_navigation_prefers_asset_serving";
const NAVIGATION_OFF: &str = "assets_navigation_has_no_effect";

/// `None` if the app has no static files.
pub(super) fn site(app: &App, reporter: &Arc<Reporter>) -> Result<Option<Site>, Problem> {
    let Some(assets) = &app.assets else {
        return Ok(None);
    };
    check(app)?;
    let Some(directory) = assets.directory.clone().or_else(|| app.out.clone()) else {
        return Err(wrong(
            app,
            "`assets` needs a `directory`: the folder with the static files, relative to this file",
        ));
    };
    if !directory.is_dir() {
        reporter.note(&format!(
            "assets: there is no folder {} yet; its files will be served once it is there",
            shown(&directory)
        ));
    }
    let reporter = reporter.clone();
    Ok(Some(Site::new(Options {
        directory,
        html: html(assets.html_handling),
        not_found: not_found(assets.not_found_handling),
        script_first: script_first(&assets.run_worker_first),
        navigation_prefers_assets: navigation_prefers_assets(app),
        has_script: app.has_script(),
        report: Arc::new(move |problem| reporter.note(problem)),
    })))
}

/// What calls of other apps get of the files, which is what clients get.
struct FrontDoor(Site);

impl Front for FrontDoor {
    fn answer(&self, request: &Request) -> FrontAnswer {
        Box::pin(self.0.answer_first(request))
    }
}

pub(super) fn front(site: &Site) -> Arc<dyn Front> {
    Arc::new(FrontDoor(site.clone()))
}

/// What makes no sense without a script.
fn check(app: &App) -> Result<(), Problem> {
    let Some(assets) = app.assets.as_ref().filter(|_| !app.has_script()) else {
        return Ok(());
    };
    if assets.binding.is_some() {
        return Err(wrong(
            app,
            "`assets.binding` needs a script that uses it: name the script with `main`, or leave the binding out",
        ));
    }
    if assets.run_worker_first != RunWorkerFirst::Never {
        return Err(wrong(
            app,
            "`assets.run_worker_first` needs a script to run: name it with `main`, or leave this out",
        ));
    }
    Ok(())
}

fn wrong(app: &App, text: &str) -> Problem {
    Problem::Text(format!("{}: {text}", shown(&app.config_path)))
}

fn navigation_prefers_assets(app: &App) -> bool {
    let has = |flag: &str| app.compatibility_flags.iter().any(|known| known == flag);
    let by_date = NAVIGATION_DATE
        .parse::<CompatibilityDate>()
        .is_ok_and(|date| app.compatibility_date >= date);
    has(NAVIGATION_ON) || (by_date && !has(NAVIGATION_OFF))
}

fn html(handling: cellhouse_config::HtmlHandling) -> HtmlHandling {
    use cellhouse_config::HtmlHandling as Config;
    match handling {
        Config::AutoTrailingSlash => HtmlHandling::AutoTrailingSlash,
        Config::ForceTrailingSlash => HtmlHandling::ForceTrailingSlash,
        Config::DropTrailingSlash => HtmlHandling::DropTrailingSlash,
        Config::None => HtmlHandling::None,
    }
}

fn not_found(handling: cellhouse_config::NotFoundHandling) -> NotFound {
    use cellhouse_config::NotFoundHandling as Config;
    match handling {
        Config::None => NotFound::None,
        Config::NotFoundPage => NotFound::NearestPage,
        Config::SinglePageApplication => NotFound::SinglePageApplication,
    }
}

fn script_first(first: &RunWorkerFirst) -> ScriptFirst {
    match first {
        RunWorkerFirst::Never => ScriptFirst::Never,
        RunWorkerFirst::Always => ScriptFirst::Always,
        RunWorkerFirst::Paths(paths) => ScriptFirst::Paths(paths.clone()),
    }
}
