//! A store of Durable Objects in a temporary folder, and apps over it.

use std::time::Duration;

use cellhouse_cell::{Cells, Options};
use cellhouse_objects::{Namespaces, Objects, ObjectsOptions};
use cellhouse_runtime::{
    Binding, BindingValue, Limits, ObjectClass, ObjectHost, ObjectTimes, ObjectsSpec,
};

use super::{App, LIMITS, Settings, start};

/// The objects of class `Thing`, and where they live.
pub struct Store {
    pub host: ObjectHost,
    /// What an isolate of its apps may use.
    pub limits: Limits,
    spec: ObjectsSpec,
    /// Before the folder, which goes last.
    _cells: Cells,
    _folder: tempfile::TempDir,
}

impl Store {
    /// Its objects leave memory when they have had nothing to do for `rest`.
    pub fn with_rest(rest: Duration) -> Store {
        let times = ObjectTimes {
            rest,
            ..ObjectTimes::default()
        };
        Store::with_times(times)
    }

    pub fn with_times(times: ObjectTimes) -> Store {
        let folder = tempfile::tempdir().expect("a folder");
        let cells = Cells::open(folder.path(), Options::default()).expect("cells");
        let namespaces = Namespaces::open(&cells, "test").expect("namespaces");
        let plan = namespaces.plan(&[], &["Thing"], true).expect("a plan");
        namespaces.apply(&plan).expect("it is carried out");
        let namespace = namespaces.namespace("Thing").expect("it can be read");
        let host = ObjectHost::with_times(Objects::new(&cells, ObjectsOptions::default()), times);
        let classes = [ObjectClass {
            name: "Thing".to_owned(),
            namespace: namespace.expect("the plan made it"),
            app: None,
            optional: false,
        }];
        Store {
            spec: ObjectsSpec {
                host: host.clone(),
                classes: classes.into(),
            },
            host,
            limits: LIMITS,
            _cells: cells,
            _folder: folder,
        }
    }

    /// An app whose requests go to the object that the first part of the path names.
    pub async fn app(&self, class: &str, isolates: usize) -> App {
        let code = format!(
            r#"{class}
            export default {{
              fetch(request, env) {{
                const [, name] = new URL(request.url).pathname.split("/");
                return env.THINGS.getByName(name).fetch(request);
              }},
            }};"#
        );
        self.whole_app(&code, isolates).await
    }

    /// An app of this module, whose `env.THINGS` are the objects.
    pub async fn whole_app(&self, code: &str, isolates: usize) -> App {
        let settings = self.settings(isolates);
        start(code, settings).await.expect("the app starts")
    }

    /// Settings of an app whose `env.THINGS` are the objects.
    pub fn settings(&self, isolates: usize) -> Settings {
        let binding = Binding {
            name: "THINGS".to_owned(),
            value: BindingValue::Objects(0),
        };
        Settings {
            limits: self.limits,
            isolates,
            bindings: vec![binding],
            objects: Some(self.spec.clone()),
            ..Settings::default()
        }
    }
}
