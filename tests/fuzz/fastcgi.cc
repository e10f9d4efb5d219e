// A FastCGI request's parameters, through the library and into a request: one a line, NAME=value. The
// first byte says how many bytes are missing at the end of what the web server sends.

#include <sys/socket.h>

#include <string>
#include <vector>

#include "fcgi/connection.h"
#include "fcgi/head.h"
#include "fcgi/records.h"
#include "fuzz/fuzz.h"
#include "http/forwarded.h"

using namespace latchkey;

namespace {

struct Pair {
  std::string_view name, value;
};

std::vector<Pair> Pairs(std::string_view text) {
  std::vector<Pair> pairs;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t equals = std::min(line.find('='), line.size());
    pairs.push_back({line.substr(0, equals), line.substr(std::min(equals + 1, line.size()))});
  }
  return pairs;
}

void AppendNumber(std::string& bytes, size_t number, int size) {
  while (size-- > 0) bytes += static_cast<char>(number >> (8 * size));
}

void AppendLength(std::string& bytes, size_t length) {
  if (length < 128) return AppendNumber(bytes, length, 1);
  AppendNumber(bytes, length | 0x80000000U, 4);
}

std::string Record(int type, std::string_view content) {
  std::string bytes = {1, static_cast<char>(type)};
  AppendNumber(bytes, 1, 2);
  AppendNumber(bytes, content.size(), 2);
  return bytes + std::string(2, '\0') + std::string(content);
}

std::string Head(const std::vector<Pair>& pairs) {
  std::string content;
  for (const Pair& pair : pairs) {
    AppendLength(content, pair.name.size());
    AppendLength(content, pair.value.size());
    content.append(pair.name).append(pair.value);
  }
  std::string bytes = Record(1, std::string_view("\0\1\1\0\0\0\0\0", 8));
  for (std::string_view rest = content; !rest.empty(); rest.remove_prefix(std::min<size_t>(rest.size(), 60'000))) {
    bytes += Record(4, rest.substr(0, 60'000));
  }
  return bytes + Record(4, "") + Record(5, "");
}

// The library's end of a connection on which all of it was sent.
UniqueFd Sent(const std::string& bytes) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd web_server(ends[0]);
  CHECK(send(web_server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
  return UniqueFd(ends[1]);
}

std::string_view First(const std::vector<Pair>& pairs, std::string_view name) {
  for (const Pair& pair : pairs) {
    if (pair.name == name) return pair.value;
  }
  return {};
}

void CheckWord(const http::Request& request) {
  CHECK(request.path.empty() || request.path.front() == '/');
  CHECK(request.path.find('?') == std::string::npos);
  const http::TrustedProxies everybody{
      {*Network::Parse("0.0.0.0/0"), *Network::Parse("::/0")}, true, {}};
  (void)http::PeerOf(request, everybody);
}

}  // namespace

FUZZ(fastcgi_parameters) {
  static const bool initialised = (fcgi::InitialiseLibrary(), true);
  CHECK(initialised);
  if (input.empty()) return;
  const size_t missing = static_cast<unsigned char>(input[0]);
  const std::vector<Pair> pairs = Pairs(input.substr(1));
  std::string bytes = Head(pairs);
  bytes.resize(bytes.size() - std::min(missing, bytes.size()));
  CHECK(fcgi::HasWholeRequest(bytes) == (missing == 0));

  const fcgi::Exchange exchange(Sent(bytes));
  if (!exchange.ok()) return;
  const std::optional<http::Request> request = fcgi::ReadHead(exchange);
  if (!request) return;
  CheckWord(*request);
  // Whole, and without what ends the library's texts: what is read is what was sent.
  if (missing > 0 || input.substr(1).find('\0') != std::string_view::npos) return;
  CHECK(request->cookie_header == First(pairs, "HTTP_COOKIE"));
  CHECK(request->origin == First(pairs, "HTTP_ORIGIN"));
  CHECK(request->content_type == First(pairs, "CONTENT_TYPE"));
  CHECK(request->remote_user == First(pairs, "REMOTE_USER"));
}
