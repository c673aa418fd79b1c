//! What the tests of databases share.

#![allow(dead_code, reason = "each test uses some of this")]

use cellhouse_cell::{Cells, Options};
use cellhouse_d1::{Answer, Database, Databases, DatabasesOptions, Error, Param, Statement, Value};
use tempfile::TempDir;

pub struct Home {
    pub databases: Databases,
    pub db: Database,
    pub cells: Cells,
    _dir: TempDir,
}

pub fn home() -> Home {
    home_with(DatabasesOptions::default())
}

pub fn home_with(options: DatabasesOptions) -> Home {
    make(options, Options::default())
}

pub fn home_of(cells: Options) -> Home {
    make(DatabasesOptions::default(), cells)
}

fn make(options: DatabasesOptions, cells: Options) -> Home {
    let dir = TempDir::new().unwrap();
    let cells = Cells::open(dir.path(), cells).unwrap();
    let databases = Databases::new(&cells, options);
    Home {
        db: databases.open("test").unwrap(),
        databases,
        cells,
        _dir: dir,
    }
}

impl Home {
    /// The message of what fails.
    pub fn refused(&self, sql: &str) -> String {
        match self.db.wait(&[Statement::new(sql)]) {
            Ok(answer) => panic!("{sql}: {:?}", answer.outputs),
            Err(error) => error.to_string(),
        }
    }

    pub fn run(&self, sql: &str) -> Answer {
        self.with(sql, Vec::new())
    }

    pub fn with(&self, sql: &str, params: Vec<Param>) -> Answer {
        let answer = self.db.wait(&[Statement::with(sql, params)]);
        answer.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The values of all rows.
    pub fn values(&self, sql: &str) -> Vec<Value> {
        self.run(sql).outputs.remove(0).values
    }

    pub fn one(&self, sql: &str) -> Value {
        self.values(sql).remove(0)
    }

    /// As an isolate does it: within the call if that is quick, else in the pool.
    pub fn ask(&self, statements: &[Statement]) -> Result<Answer, Error> {
        match self.db.now(statements) {
            Some(answer) => answer,
            None => block_on(self.db.run(statements.to_vec())),
        }
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(future)
}
