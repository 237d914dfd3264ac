// Passes requests on with a bearer token, for clients that can't send one: with-token.mjs <port of the service> <token>.
// Prints its own port.
import http from "node:http";

const [port, token] = process.argv.slice(2);
const passOn = (request, response) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const options = { host: "127.0.0.1", port, path: request.url, method: request.method, headers };
  const onward = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
};
const server = http.createServer(passOn);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
