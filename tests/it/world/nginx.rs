//! A real nginx in front of instances of the service, as people run it.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// With `required`, a machine without nginx fails.
const SWITCH: &str = "WNR_TEST_NGINX";
/// Below the ports that an operating system gives to outgoing connections, so that none of them takes one of ours
/// between two starts.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// The proxy, until it is dropped.
pub struct Nginx {
    child: Child,
    _folder: TempDir,
    pub address: SocketAddr,
}

impl Nginx {
    /// Whether it is installed; where it is not, that is said aloud.
    pub fn is_there() -> bool {
        let there = program().is_some();
        let required = std::env::var_os(SWITCH).is_some_and(|switch| switch == "required");
        assert!(there || !required, "nginx is not installed, and {SWITCH} is required");
        if !there {
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            let _ = writeln!(std::io::stderr(), "SKIPPED {test}: nginx is not installed");
        }
        there
    }

    /// Starts it in front of these; with `keep`, it keeps that many connections to them open.
    pub async fn start(instances: &[SocketAddr], keep: Option<u32>) -> Self {
        let folder = TempDir::new().unwrap();
        let address = free_address();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), address, instances, keep)).unwrap();
        let child = Command::new(program().expect("it is there"))
            .arg("-c")
            .arg(&file)
            .arg("-p")
            .arg(folder.path())
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { child, _folder: folder, address };
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it where it is told, and not where it is killed.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens on, and that stays ours.
pub fn free_address() -> SocketAddr {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Several processes of tests may run at the same time.
    let first = u16::try_from(std::process::id() * 97 % u32::from(span)).unwrap();
    loop {
        let port = PORTS.start + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % span;
        if let Ok(free) = TcpListener::bind(("127.0.0.1", port)) {
            return free.local_addr().unwrap();
        }
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

fn configuration(folder: &Path, address: SocketAddr, instances: &[SocketAddr], keep: Option<u32>) -> String {
    // Without `max_fails=0` one refused connection takes an instance out for ten seconds, also if it is back at once;
    // where the other one is restarted meanwhile, nobody is left.
    let servers: String =
        instances.iter().map(|instance| format!("    server {instance} max_fails=0;\n")).collect();
    let (pool, head) = keep.map_or_else(Default::default, |connections| {
        (
            format!("    keepalive {connections};\n"),
            "proxy_http_version 1.1; proxy_set_header Connection \"\";",
        )
    });
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("  {what}_temp_path {folder}/{what};\n"))
        .collect();
    // Workers of root become somebody who may not enter the folder; of anybody else, the line says nothing.
    format!(
        "daemon off;\nuser root;\npid {folder}/nginx.pid;\nerror_log stderr crit;\n\
         events {{ worker_connections 1024; }}\nhttp {{\n  access_log off;\n{temporary}\
         \x20 upstream service {{\n{servers}{pool}  }}\n\
         \x20 server {{\n    listen {address};\n    location / {{ proxy_pass http://service; {head} }}\n  }}\n}}\n"
    )
}
