//! Places for stores: files, and a real PostgreSQL.
//!
//! The first test that wants the server starts it, from the binaries that are installed. All tests share it,
//! each with a database of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// The first version with `CREATE` on the schema `public` for owners alone, and that we know to work.
const MAJOR_MIN: u32 = 15;
/// Somebody else may take a free port before the server does.
const STARTS_MAX: usize = 3;
/// With `required`, a machine without a server fails.
const SWITCH: &str = "WNR_TEST_POSTGRES";
/// Passwords are asked of this user alone.
const GUARDED: &str = "guarded";

/// Runs a server until its standard input ends, which is when the tests end, however they do. It takes a
/// folder, the folder of the binaries, and a port. As root it becomes `nobody`, because servers refuse root.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
folder=$1 bin=$2 port=$3 as=
if [ "$(id -u)" = 0 ]; then
  chown nobody "$folder"
  as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
cd "$folder"
if {
  $as "$bin/initdb" -D data -U postgres -A trust --no-sync -E UTF8 --locale=C &&
  printf 'host all guarded all scram-sha-256\nhost all all all trust\n' > data/pg_hba.conf &&
  $as "$bin/pg_ctl" -D data -w -l server.log start \
    -o "-p $port -h 127.0.0.1 -k '' -F -c max_connections=200 -c shared_buffers=32MB"
} > keeper.log 2>&1 < /dev/null; then echo ready; else echo $(cat keeper.log server.log); fi
cat > /dev/null
$as "$bin/pg_ctl" -D data -w -m immediate stop > /dev/null 2>&1
rm -rf "$folder"
"#;

/// Where one store is kept, and no other.
pub enum Place {
    /// A file in a folder.
    Sqlite(TempDir),
    /// The URL of a database.
    Postgres(String),
}

impl Place {
    pub fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    /// A database of its own, where there is a server. Where there is none, that is said aloud, and the test
    /// ends there.
    pub async fn postgres() -> Option<Self> {
        let server = server()?;
        static DATABASES: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        server.execute(format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        Some(Self::Postgres(server.url("postgres", &name)))
    }

    /// What `DATABASE_URL` would be.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("store.db").display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// One more of its kind.
    pub async fn another(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres(_) => Self::postgres().await.unwrap(),
        }
    }

    /// Runs statements past the store.
    pub async fn execute(&self, sql: &'static str) {
        match self {
            Self::Sqlite(_) => self.sqlite_connection().await.execute(sql).await.map(drop).unwrap(),
            Self::Postgres(url) => {
                PgConnection::connect(url).await.unwrap().execute(sql).await.map(drop).unwrap();
            }
        }
    }

    /// The rows of a statement past the store, of which each is one text.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                sqlx::query_scalar(sql).fetch_all(&mut self.sqlite_connection().await).await.unwrap()
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
        }
    }

    /// Takes the steps that a version had.
    pub async fn migrate(&self, steps: &Migrator, version: i64) {
        match self {
            Self::Sqlite(_) => steps.run_to(version, &mut self.sqlite_connection().await).await.unwrap(),
            Self::Postgres(url) => {
                steps.run_to(version, &mut PgConnection::connect(url).await.unwrap()).await.unwrap();
            }
        }
    }

    async fn sqlite_connection(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::from_str(&self.url()).unwrap().create_if_missing(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// A database of a user who has a password, as a URL without it.
    pub async fn guarded(password: &str) -> Option<String> {
        let Some(Self::Postgres(url)) = Self::postgres().await else { return None };
        let server = server()?;
        let (_, database) = url.rsplit_once('/').unwrap();
        server.execute(format!("CREATE ROLE {GUARDED} LOGIN PASSWORD '{password}'")).await;
        server.execute(format!("ALTER DATABASE {database} OWNER TO {GUARDED}")).await;
        Some(server.url(GUARDED, database))
    }
}

/// The same tests for each kind of database, in modules that are named after it.
macro_rules! on_each_database {
    ($($(#[$attribute:meta])* $test:ident),* $(,)?) => {
        mod on_sqlite {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::world::databases::Place::sqlite()).await;
            })*
        }
        mod on_postgres {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let Some(place) = crate::world::databases::Place::postgres().await else { return };
                super::$test(place).await;
            })*
        }
    };
}
pub(crate) use on_each_database;

struct Server {
    port: u16,
    /// It reads from us, so the server lives as long as this process.
    _keeper: Child,
}

impl Server {
    fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    async fn execute(&self, sql: String) {
        let mut connection = PgConnection::connect(&self.url("postgres", "postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }

    fn start(bin: &Path) -> Self {
        let mut why = String::new();
        for _ in 0..STARTS_MAX {
            match Self::try_start(bin) {
                Ok(server) => return server,
                Err(said) => why = said,
            }
        }
        panic!("PostgreSQL does not start: {why}");
    }

    fn try_start(bin: &Path) -> Result<Self, String> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            // The keeper deletes it.
            .arg(TempDir::with_prefix("wnr-postgres-").unwrap().keep())
            .arg(bin)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said.trim() == "ready" {
            return Ok(Self { port, _keeper: keeper });
        }
        drop(keeper.stdin.take());
        keeper.wait().unwrap();
        Err(said)
    }
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| newest_binaries().map(|bin| Server::start(&bin))).as_ref();
    if server.is_none() {
        let what = format!("PostgreSQL {MAJOR_MIN} or newer is neither on PATH nor in /usr/lib/postgresql");
        assert!(
            std::env::var_os(SWITCH).is_none_or(|switch| switch != "required"),
            "{what}, and {SWITCH} is required"
        );
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        // Past the capturing of what tests print, which would hide it.
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {what}");
    }
    server
}

/// The folder with the binaries of the newest server on this machine.
fn newest_binaries() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&on_path).chain(installed);
    let found = folders.filter_map(|bin| Some((major(&bin)?, bin)));
    found.filter(|(major, _)| *major >= MAJOR_MIN).max().map(|(_, bin)| bin)
}

/// The version of the server in a folder: 15 where it says "postgres (PostgreSQL) 15.14 (Debian …)".
fn major(bin: &Path) -> Option<u32> {
    if !["initdb", "pg_ctl", "postgres"].iter().all(|program| bin.join(program).is_file()) {
        return None;
    }
    let said = Command::new(bin.join("postgres")).arg("--version").output().ok()?.stdout;
    String::from_utf8(said).ok()?.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}
