//! The life of Durable Object classes: migrations and exports.
//!
//! As the config says it, in its order; what was applied already is not known here.

use crate::source::Location;

/// A step in the life of Durable Object classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Unique among the migrations of an app.
    pub tag: String,
    /// Classes with key-value storage.
    pub new_classes: Vec<String>,
    /// Classes with SQLite storage.
    pub new_sqlite_classes: Vec<String>,
    /// Classes whose objects go on under another name.
    pub renamed_classes: Vec<RenamedClass>,
    /// Classes whose objects go away.
    pub deleted_classes: Vec<String>,
    /// Classes taken over from another script.
    pub transferred_classes: Vec<TransferredClass>,
    /// Where the tag is written.
    pub at: Location,
}

/// `{ from, to }` of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedClass {
    /// The old class.
    pub from: String,
    /// The new class.
    pub to: String,
}

/// `{ from, from_script, to }` of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferredClass {
    /// The class in the other script.
    pub from: String,
    /// The other script.
    pub from_script: String,
    /// The class here.
    pub to: String,
}

/// A Durable Object class declared by `exports`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassExport {
    /// The exported class.
    pub class_name: String,
    /// Where it is in its life.
    pub state: ClassState,
    /// Where the class is written.
    pub at: Location,
}

/// The life of a Durable Object class in `exports`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassState {
    /// It lives here.
    Created(ClassStorage),
    /// It was removed from the code; its objects go away.
    Deleted,
    /// Its objects go on as another class.
    Renamed {
        /// The other class, which lives here.
        to: String,
    },
    /// Its objects were given to another script.
    Transferred {
        /// The other script.
        to_script: String,
    },
    /// It waits for the objects of another script.
    ExpectingTransfer {
        /// The other script.
        from_script: String,
        /// How the objects are stored.
        storage: ClassStorage,
    },
}

/// How the objects of a class are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassStorage {
    /// SQL and key-value.
    Sqlite,
    /// Key-value only.
    LegacyKv,
}
