// connection.h -- one FastCGI request over a connection that the caller keeps
//
// The only file that touches the fields of FCGX_Request that its header marks "don't use": with them a
// connection can be parked (in epoll, by server.h) between requests instead of pinning a thread, which
// the library's own accept loop would do. tests/unit/fcgi holds this against the installed library.
//
// A reply that goes out while the body is unread would leave the body to be taken for the next FastCGI
// record, that is, for a request with parameters of the visitor's choice: so Finish reads the rest,
// and closes the connection when the rest is too long.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fcgiapp.h>

#include "base/unique_fd.h"

namespace latchkey::fcgi {

// Once, in main, before threads.
void InitialiseLibrary();

class Exchange {
 public:
  // More unread body than this ends the connection.
  static constexpr size_t kMostDrainedBytes = 64 * 1024;

  // Reads one request's head from fd; blocks as long as the socket's timeouts allow.
  explicit Exchange(UniqueFd fd);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // False: the peer closed, or what it sent is no request. Nothing can be answered.
  bool ok() const { return ok_; }
  // A parameter (REQUEST_METHOD, HTTP_COOKIE, ...), or nullptr if it was not sent.
  const char* Parameter(const char* name) const;
  // All of them, "NAME=value" each; nullptr ends them.
  const char* const* parameters() const { return request_.envp; }
  // Exactly `length` bytes of the body; false: it ended before.
  bool ReadBody(size_t length, std::string* body);
  // Reads what is left of the body, so that Finish need not wait for it.
  void ReadToEnd();
  // Sends the answer and ends the request. The connection if it is to be kept, an invalid fd if it
  // was closed. keep: false closes it in any case.
  UniqueFd Finish(std::string_view answer, bool keep);

 private:
  // What nobody has read yet.
  bool HasMoreBody() const;
  bool DrainBody();

  FCGX_Request request_;
  std::optional<bool> drained_;  // what DrainBody said
  bool body_taken_ = false;
  bool ok_ = false;
};

}  // namespace latchkey::fcgi
