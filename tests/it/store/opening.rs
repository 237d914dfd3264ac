//! Commands beside the service: they find its database as it is, and leave it so.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use why_no_recording::store::{NewOutboxRow, Store, StoreError};

use super::migrating::migrator;
use super::{LEASE, at, enqueue, open, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_database_without_our_tables_is_left_as_it_is,
    a_database_of_an_earlier_version_waits_for_the_service,
    a_database_of_a_later_version_is_left_to_that_version,
    tables_of_another_program_are_left_alone,
    what_a_running_service_keeps_is_read_and_changed,
    a_store_to_read_is_read_and_not_written,
    doctor_changes_nothing_and_says_what_serve_will_do,
);

const BOT: &str = "00000000-0000-4000-8000-000000000001";
/// The number of a step that no version has yet.
const LATER: &str = "INSERT INTO _sqlx_migrations
    SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations
    WHERE version = 1";
/// Every command that finds a database and makes none. `backup` takes no server.
const COMMANDS: &[&[&str]] = &[
    &["outbox", "list"],
    &["outbox", "show", "d/00"],
    &["outbox", "retry", "d/00"],
    &["outbox", "drop", "d/00"],
    &["forget", BOT],
    &["backup", "copy.db"],
];

fn is_file(place: &Place) -> bool {
    matches!(place, Place::Sqlite(_))
}

/// The commands for this kind of database, without `backup` where a copy is made of what the others do not touch.
fn commands(place: &Place, with_backup: bool) -> impl Iterator<Item = &'static [&'static str]> {
    let with_backup = with_backup && is_file(place);
    COMMANDS.iter().copied().filter(move |command| with_backup || command[0] != "backup")
}

/// The program, in a folder of its own.
struct Shell {
    folder: TempDir,
    user: Option<u32>,
}

impl Shell {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), user: None }
    }

    /// What a command says, and its exit code.
    fn run(&self, url: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command.args(arguments).env_clear().env("DATABASE_URL", url).current_dir(&self.folder);
        #[cfg(unix)]
        if let Some(user) = self.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), said)
    }

    /// The command fails with these words, and names the database.
    fn refuses(&self, place: &Place, arguments: &[&str], words: &str) {
        let (code, said) = self.run(&place.url(), arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(said.lines().last().unwrap(), database_line(place), "{arguments:?}");
        assert!(names(self.folder.path()).is_empty(), "{arguments:?} writes nothing");
    }

    fn does(&self, place: &Place, arguments: &[&str]) -> String {
        let (code, said) = self.run(&place.url(), arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        assert_eq!(said.lines().last().unwrap(), database_line(place), "{arguments:?}");
        said
    }
}

/// How the commands name a database.
fn database_line(place: &Place) -> String {
    match place {
        Place::Sqlite(_) => format!("Database: {}", place.url()),
        Place::Postgres(url) => format!("Database: {}", url.replacen("postgres@", "***@", 1)),
    }
}

/// The files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The tables and the steps that were taken. A file is looked at from beside: its folder stays as it is.
async fn shape(place: &Place) -> Vec<String> {
    let (tables, steps) = match place {
        Place::Sqlite(_) => ("SELECT name FROM sqlite_master ORDER BY name", "_sqlx_migrations"),
        Place::Postgres(_) => (
            "SELECT CAST(relname AS TEXT) FROM pg_class
             WHERE relnamespace = CAST('public' AS regnamespace) ORDER BY 1",
            "_sqlx_migrations",
        ),
    };
    let mut shape = place.texts(tables).await;
    if shape.iter().any(|name| name == steps) {
        shape
            .extend(place.texts("SELECT CAST(version AS TEXT) FROM _sqlx_migrations ORDER BY version").await);
    }
    shape
}

/// Puts one message that was given up into the outbox.
async fn give_one_up(store: &Store) {
    enqueue(store, &[NewOutboxRow { bot: BOT.to_owned(), ..outgoing("d/00", "c", None) }], at(0)).await;
    let leased = store.lease_outbox(at(0), LEASE).await.unwrap().unwrap();
    assert!(store.dead_letter_outbox(&leased.lease, "no_text", at(1)).await.unwrap());
}

#[test]
fn where_there_is_no_database_none_is_made() {
    let shell = Shell::new();
    let file = shell.folder.path().join("wnr.db");
    for url in [
        format!("sqlite://{}", file.display()),
        "sqlite://wnr.db".to_owned(),
        "sqlite://wnr.db?mode=rwc".to_owned(),
        format!("sqlite://{}/no-folder/wnr.db", shell.folder.path().display()),
    ] {
        for command in COMMANDS {
            let (code, said) = shell.run(&url, command);
            assert_eq!(code, Some(1), "{command:?}: {said}");
            let folder = shell.folder.path().display();
            assert!(said.starts_with(&format!("There is no database at {folder}/")), "{command:?}: {said}");
            assert!(
                said.ends_with("wnr.db. Run this command where the service runs, or set database.url.\n"),
                "{command:?}: {said}"
            );
            assert_eq!(names(shell.folder.path()), [""; 0], "{command:?}");
        }
    }
}

#[tokio::test]
async fn a_server_without_the_database_says_so() {
    let Some(Place::Postgres(url)) = Place::postgres().await else { return };
    let elsewhere = Place::Postgres(format!("{url}_elsewhere"));
    for command in commands(&elsewhere, false) {
        Shell::new().refuses(&elsewhere, command, "does not exist");
    }
}

async fn a_database_without_our_tables_is_left_as_it_is(place: Place) {
    if let Place::Sqlite(folder) = &place {
        std::fs::write(folder.path().join("store.db"), "").unwrap();
    }
    let before = shape(&place).await;
    for command in commands(&place, true) {
        Shell::new().refuses(&place, command, "The database holds nothing of why-no-recording yet");
    }
    if let Place::Sqlite(folder) = &place {
        assert_eq!(names(folder.path()), ["store.db"]);
        assert_eq!(std::fs::metadata(folder.path().join("store.db")).unwrap().len(), 0);
    }
    assert_eq!(shape(&place).await, before);
    open(&place).await.close().await;
    assert_eq!(
        Shell::new().does(&place, &["outbox", "list"]).lines().next(),
        Some("Everything is delivered.")
    );
}

#[tokio::test]
async fn what_is_no_database_is_left_as_it_is() {
    for content in ["no database".to_owned(), "no database ".repeat(1000)] {
        let place = Place::sqlite();
        let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
        let file = folder.path().join("store.db");
        std::fs::write(&file, &content).unwrap();
        for command in COMMANDS {
            Shell::new().refuses(&place, command, "The file is no SQLite database");
        }
        let (_, said) = Shell::new().run(&place.url(), &["doctor"]);
        assert!(said.contains("FAIL  Database") && said.contains("no SQLite database"), "{said}");
        let refused = Store::open(&place.url()).await.unwrap_err();
        assert!(matches!(refused, StoreError::NoDatabase), "{refused:?}");
        assert_eq!(names(folder.path()), ["store.db"]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
    std::fs::create_dir(folder.path().join("store.db")).unwrap();
    for command in COMMANDS {
        Shell::new().refuses(&place, command, "The file is no SQLite database");
    }
}

async fn a_database_of_an_earlier_version_waits_for_the_service(place: Place) {
    place.migrate(&migrator(&place), 1).await;
    let before = shape(&place).await;
    for command in commands(&place, false) {
        Shell::new().refuses(&place, command, "The database is of an earlier version");
    }
    if let Place::Sqlite(folder) = &place {
        assert_eq!(names(folder.path()), ["store.db"]);
        // A copy is made before an upgrade, also by the version that will upgrade.
        let shell = Shell::new();
        shell.does(&place, &["backup", "store.db"]);
        let copy = Place::Sqlite(shell.folder);
        assert_eq!(shape(&copy).await, before);
    }
    assert_eq!(shape(&place).await, before);
    open(&place).await.close().await;
    Shell::new().does(&place, &["outbox", "list"]);
}

async fn a_database_of_a_later_version_is_left_to_that_version(place: Place) {
    open(&place).await.close().await;
    place.execute(LATER).await;
    let before = shape(&place).await;
    let words = "was written by a later version of why-no-recording; use that version for it";
    for command in commands(&place, false) {
        Shell::new().refuses(&place, command, words);
    }
    let shell = Shell::new();
    let (code, said) = shell.run(&place.url(), &["doctor"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.lines().any(|line| line.starts_with("FAIL  Database") && line.contains(words)), "{said}");
    let refused = Store::open(&place.url()).await.unwrap_err();
    assert!(matches!(refused, StoreError::LaterVersion), "{refused:?}");
    assert_eq!(shape(&place).await, before);
}

async fn tables_of_another_program_are_left_alone(place: Place) {
    open(&place).await.close().await;
    // It keeps its steps in the same way, and the first one is another.
    place.execute("UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 2) WHERE version = 1").await;
    let before = shape(&place).await;
    for command in commands(&place, true) {
        Shell::new().refuses(&place, command, "The tables of the database are not those of why-no-recording");
    }
    let refused = Store::open(&place.url()).await.unwrap_err();
    assert!(matches!(refused, StoreError::OtherTables), "{refused:?}");
    assert_eq!(shape(&place).await, before);
}

async fn what_a_running_service_keeps_is_read_and_changed(place: Place) {
    let service = open(&place).await;
    give_one_up(&service).await;
    let shell = Shell::new();
    assert!(shell.does(&place, &["outbox", "list"]).contains("no_text"));
    assert!(shell.does(&place, &["outbox", "show", "d/00"]).contains("given up"));
    assert!(
        shell
            .does(&place, &["outbox", "retry", "d/00"])
            .contains("Queued. The running service will deliver it.")
    );
    if is_file(&place) {
        shell.does(&place, &["backup", "copy.db"]);
    }
    let leased = service.lease_outbox(at(9), LEASE).await.unwrap().unwrap();
    assert!(service.dead_letter_outbox(&leased.lease, "no_text", at(9)).await.unwrap());
    assert!(shell.does(&place, &["forget", BOT]).contains("1  messages"));
    assert!(shell.does(&place, &["outbox", "list"]).contains("Everything is delivered."));
    let (code, said) = shell.run(&place.url(), &["outbox", "show", "d/00"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        said,
        format!(
            "There is no message d/00 in the outbox. Run `outbox list` to see the IDs.\n{}\n",
            database_line(&place)
        ),
        "the wrong database is a usual reason"
    );
    service.probe().await.unwrap();
}

async fn a_store_to_read_is_read_and_not_written(place: Place) {
    let service = open(&place).await;
    give_one_up(&service).await;
    let reading = Store::open_to_read(&place.url()).await.unwrap();
    assert_eq!(reading.undelivered(9).await.unwrap().len(), 1);
    assert!(reading.probe().await.is_err());
    assert!(reading.accept("d", "body", at(0)).await.is_err());
    reading.close().await;
    let writing = Store::open_existing(&place.url()).await.unwrap();
    writing.probe().await.unwrap();
    writing.close().await;
}

async fn doctor_changes_nothing_and_says_what_serve_will_do(place: Place) {
    let line = |words: &str| {
        let (_, said) = Shell::new().run(&place.url(), &["doctor"]);
        let line = said.lines().find(|line| line.contains("Database ")).unwrap().to_owned();
        assert!(line.contains(words), "{words} in {line}");
        line
    };
    let new =
        if is_file(&place) { "doesn't exist yet; `serve` creates it" } else { "`serve` creates its tables" };
    assert!(line(new).starts_with("?  "));
    if let Place::Sqlite(folder) = &place {
        assert_eq!(names(folder.path()), [""; 0]);
    }
    place.migrate(&migrator(&place), 1).await;
    let before = shape(&place).await;
    assert!(line("`serve` upgrades it").starts_with("?  "));
    assert_eq!(shape(&place).await, before);
    open(&place).await.close().await;
    assert!(line("can be written to").starts_with("ok  "));
    if let Place::Sqlite(folder) = &place {
        assert_eq!(names(folder.path()), ["store.db"]);
    }
}

#[test]
fn doctor_names_a_folder_that_is_not_there() {
    let shell = Shell::new();
    let folder = shell.folder.path().join("no-folder");
    let (code, said) = shell.run(&format!("sqlite://{}/wnr.db", folder.display()), &["doctor"]);
    assert_eq!(code, Some(1));
    let red = said.lines().find(|line| line.starts_with("FAIL  Database")).unwrap();
    assert!(red.contains(&format!("its folder {} doesn't exist", folder.display())), "{red}");
    assert_eq!(names(shell.folder.path()), [""; 0]);
}

/// SQLite keeps two files beside a database as long as somebody has it open.
#[tokio::test]
async fn a_file_that_nobody_has_open_stays_alone_in_its_folder() {
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
    let store = open(&place).await;
    give_one_up(&store).await;
    store.close().await;
    let shell = Shell::new();
    for command in COMMANDS {
        shell.run(&place.url(), command);
        assert_eq!(names(folder.path()), ["store.db"], "{command:?}");
    }
    assert_eq!(names(shell.folder.path()), ["copy.db"]);
}

/// A service that was killed leaves what it committed last beside the file.
#[tokio::test]
async fn what_a_killed_service_committed_is_read() {
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
    let store = open(&place).await;
    give_one_up(&store).await;
    let killed = Place::sqlite();
    let Place::Sqlite(copy) = &killed else { unreachable!("it is a file") };
    for name in names(folder.path()) {
        std::fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
    }
    assert!(names(copy.path()).contains(&"store.db-wal".to_owned()));
    assert!(Shell::new().does(&killed, &["outbox", "list"]).contains("no_text"));
}

/// Whoever may only read sees what is kept; SQLite needs its two other files for that only while a service runs.
#[cfg(unix)]
#[tokio::test]
async fn a_file_in_a_folder_that_we_may_only_read_is_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let may = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (folder_mode, file_mode) in [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)] {
        let place = Place::sqlite();
        let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
        let store = open(&place).await;
        give_one_up(&store).await;
        let mut shell = Shell::new();
        may(shell.folder.path(), 0o777);
        // Root may write wherever it wants.
        shell.user = (std::fs::metadata(folder.path()).unwrap().uid() == 0).then_some(65_534);
        store.close().await;
        may(&folder.path().join("store.db"), file_mode);
        may(folder.path(), folder_mode);
        assert!(shell.does(&place, &["outbox", "list"]).contains("no_text"), "{folder_mode:o} {file_mode:o}");
        shell.does(&place, &["outbox", "show", "d/00"]);
        shell.does(&place, &["backup", "copy.db"]);
        assert_eq!(names(shell.folder.path()), ["copy.db"]);
        let (code, said) = shell.run(&place.url(), &["outbox", "drop", "d/00"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("may not be written to"), "{folder_mode:o} {file_mode:o}: {said}");
        assert!(shell.does(&place, &["outbox", "list"]).contains("no_text"));
        assert_eq!(names(folder.path()), ["store.db"]);
        may(folder.path(), 0o777);
        let service = open(&place).await;
        may(folder.path(), folder_mode);
        let (code, said) = shell.run(&place.url(), &["outbox", "list"]);
        // The two files of the service are its own.
        assert!(code == Some(0) || said.contains("as the user"), "{folder_mode:o} {file_mode:o}: {said}");
        service.close().await;
        may(folder.path(), 0o700);
    }
}
