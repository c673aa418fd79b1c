//! Objects that no config names: they belong to one class, which the app has if a built-in package asks for
//! it, and JavaScript finds the class of each by its name. Two of them are told when the app starts, and
//! when State has changed: the event log and the scheduler of `sdk.do`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cellhouse_exchange::Body;
use cellhouse_kv::{Store, Watcher};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::objects::{Call, ObjectRequest, Target};
use crate::spec::{AppSpec, Binding, BindingValue};
use crate::worker::{WeakWorker, Worker};

/// The name of the class. No export can be called so by a declaration.
pub const AUTOMATIC_CLASS: &str = "sdk.do";
/// The binding that is the app's default State store; `env` does not have it.
pub const STATE_BINDING: &str = "cellhouse:state";
/// The binding that is the app's default D1 database, as hidden as the other.
pub const DATABASE_BINDING: &str = "cellhouse:database";

/// The event log of the app, and its schedules.
const LOG: &str = "~events:main";
const SCHEDULES: &str = "~schedules:main";
/// How long to wait before one of them is told again, when it could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// Who is told that State has changed.
pub(crate) struct Changes {
    notify: Arc<Notify>,
    watcher: Watcher,
    /// The app has handlers of changes.
    wanted: AtomicBool,
    /// Newer code watches, or nobody does. Held while somebody begins or ends to watch.
    ended: Mutex<bool>,
}

impl Changes {
    pub(crate) fn new() -> Changes {
        let notify = Arc::new(Notify::new());
        let told = notify.clone();
        Changes {
            watcher: Arc::new(move || told.notify_one()),
            notify,
            wanted: AtomicBool::new(false),
            ended: Mutex::new(false),
        }
    }

    /// From now on the changes of the app's stores are noted, also while it does not run. An isolate that
    /// comes up when newer code runs already changes nothing.
    pub(crate) fn watch(&self, app: &AppSpec) -> Result<(), cellhouse_kv::Error> {
        let ended = self.ended.lock();
        if *ended {
            return Ok(());
        }
        self.wanted.store(true, Ordering::Relaxed);
        stores(&app.bindings).try_for_each(|(_, store)| store.watch(&app.name, &self.watcher))
    }

    /// Nobody is told any more.
    pub(crate) fn unwatch(&self, bindings: &[Binding]) {
        *self.ended.lock() = true;
        stores(bindings).for_each(|(_, store)| store.unwatch(&self.watcher));
        self.notify.notify_one();
    }

    /// An app that has no handlers any more leaves nothing behind that nobody will take.
    fn stop_unless_wanted(&self, app: &AppSpec) {
        if self.wanted.load(Ordering::Relaxed) {
            return;
        }
        for (binding, store) in stores(&app.bindings) {
            if let Err(error) = store.forget_watcher(&app.name) {
                tracing::warn!("changes of {binding} are noted for nobody: {error}");
            }
        }
    }
}

/// The State stores among the bindings, with their names.
pub(crate) fn stores(bindings: &[Binding]) -> impl Iterator<Item = (&str, &Store)> {
    bindings.iter().filter_map(|binding| match &binding.value {
        BindingValue::State(store) => Some((binding.name.as_str(), store)),
        _ => None,
    })
}

impl Worker {
    /// Tells the objects of built-in packages that the app runs, and from then on when State has changed.
    /// To be called once, when the worker before it has been retired. Needs a tokio runtime.
    pub fn begin(&self) {
        self.changes().stop_unless_wanted(self.spec());
        if self.automatic(LOG).is_some() {
            tokio::spawn(keep_telling(
                self.downgrade(),
                self.changes().notify.clone(),
            ));
        }
    }

    fn automatic(&self, name: &str) -> Option<Target> {
        let objects = self.spec().objects.as_ref()?;
        let is_it =
            |class: &crate::ObjectClass| class.name == AUTOMATIC_CLASS && class.app.is_none();
        let index = objects.classes.iter().position(is_it)?;
        let namespace = objects.classes[index].namespace.clone();
        let id = namespace.id_from_name(name);
        Some(Target::new(u32::try_from(index).ok()?, namespace, id))
    }

    /// Whether it has heard.
    async fn tell(&self, name: &str) -> bool {
        let Some(target) = self.automatic(name) else {
            return true;
        };
        let request = ObjectRequest {
            method: "POST".to_owned(),
            url: "https://sdk.do/".to_owned(),
            headers: Vec::new(),
            body: Body::Empty,
            depth: 0,
        };
        let call = |answer| Call::Fetch { request, answer };
        let told = self.call_object(target, None, None, call, |_| ()).await;
        told.result.is_ok_and(|answer| answer.response.status < 300)
    }
}

async fn keep_telling(worker: WeakWorker, changed: Arc<Notify>) {
    let mut runs = tell(&worker, SCHEDULES).await && tell(&worker, LOG).await;
    while runs {
        changed.notified().await;
        runs = tell(&worker, LOG).await;
    }
}

/// Tells it until it has heard; false when the worker does not run the objects any more.
async fn tell(worker: &WeakWorker, name: &str) -> bool {
    while let Some(worker) = worker.upgrade().filter(|worker| !worker.is_retired()) {
        if worker.tell(name).await {
            return true;
        }
        drop(worker);
        tokio::time::sleep(PAUSE).await;
    }
    false
}
