//! No statement reads a whole table, so none grows slow with what is kept. The statements are read from the sources,
//! and SQLite says how it would run each.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::open;
use crate::tidy::sources;
use crate::world::databases::Place;

/// Tables with a row for each channel or leader, which are few however much is kept.
const SMALL: &[&str] = &["channels", "service_state"];
/// What is no table: rows of a parameter, what hangs on one message, and names of subqueries.
const MADE: &[&str] =
    &["json_each", "value", "CONSTANT", "hanging", "h", "n", "recent", "unlisted", "wanted"];
/// What PostgreSQL alone understands.
const OF_POSTGRES: &[&str] = &["pg_advisory", "EXTRACT(", "to_regclass"];

/// The literals of a source that are statements. Those of `concat!` are put together.
fn statements(source: &str) -> Vec<String> {
    let mut spelt_out = source.to_owned();
    // A part that several statements share is a macro without parameters, in the file that uses it.
    for (name, text) in source.split("macro_rules! ").skip(1).filter_map(|part| part.split_once(" {")) {
        let text = text.split('"').nth(1).unwrap();
        spelt_out = spelt_out.replace(&format!("{name}!()"), &format!("\"{text}\""));
    }
    let source = spelt_out;
    let mut found: Vec<String> = Vec::new();
    let mut joined = false;
    let mut rest = source.as_str();
    while let Some(begin) = rest.find('"') {
        let (between, text) = (&rest[..begin], &rest[begin + 1..]);
        let end = text.find('"').unwrap_or(text.len());
        let (literal, after) = (&text[..end], text.get(end + 1..).unwrap_or_default());
        let is_next = joined && between.trim() == ",";
        if is_next {
            found.last_mut().unwrap().push_str(literal);
        } else if ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]
            .iter()
            .any(|word| literal.starts_with(word))
        {
            found.push(literal.to_owned());
            joined = between.trim_end().ends_with("concat!(");
        } else {
            joined = false;
        }
        rest = after;
    }
    found
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let place = Place::sqlite();
    open(&place).await.close().await;
    let mut connection = SqliteConnection::connect(&place.url()).await.unwrap();
    let mut many = 0;
    for path in sources()
        .iter()
        .filter(|path| path.starts_with(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")))
    {
        for sql in statements(&std::fs::read_to_string(path).unwrap()) {
            if OF_POSTGRES.iter().any(|word| sql.contains(word)) {
                continue;
            }
            many += 1;
            let explained = format!("EXPLAIN QUERY PLAN {}", sql.replace("FOR UPDATE SKIP LOCKED", ""));
            let plan = sqlx::query(AssertSqlSafe(explained)).fetch_all(&mut connection).await;
            let plan = plan.unwrap_or_else(|error| panic!("{sql}: {error}"));
            for step in plan.iter().map(|row| row.get::<String, _>(3)) {
                let scanned =
                    step.strip_prefix("SCAN ").map(|step| step.split(' ').next().unwrap().to_owned());
                let is_small = |table: &String| SMALL.contains(&table.as_str());
                let is_made = |table: &String| MADE.contains(&table.as_str()) || table.starts_with('(');
                let reads_all = scanned.filter(|table| !is_made(table) && !is_small(table));
                assert_eq!(reads_all, None, "{}: {step}\n{sql}", path.display());
            }
        }
    }
    assert!(many > 80, "only {many} were found");
}
