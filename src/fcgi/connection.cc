#include "fcgi/connection.h"

#include <array>
#include <cstdlib>

#include "base/check.h"
#include "base/lead.h"

namespace latchkey::fcgi {
namespace {

std::string_view OrEmpty(const char* text) { return text == nullptr ? std::string_view() : text; }

}  // namespace

void InitialiseLibrary() {
  // How long closing waits for a peer that does not close; the library's own 2 s would hold a thread.
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", /*overwrite=*/1);
  CHECK(FCGX_Init() == 0);
}

Exchange::Exchange(UniqueFd fd) {
  // No listening socket: when this connection gives no request the library's attempt to accept
  // another fails, and so does the call.
  FCGX_InitRequest(&request_, -1, 0);
  request_.ipcFd = fd.Release();
  request_.keepConnection = 1;  // else the library would close it before reading
  ok_ = FCGX_Accept_r(&request_) == 0;
}

Exchange::~Exchange() {
  if (request_.ipcFd >= 0) Lead::GiveUp();  // the library waits for the peer to close, too
  FCGX_Free(&request_, /*close=*/request_.ipcFd >= 0);
}

const char* Exchange::Parameter(const char* name) const {
  return FCGX_GetParam(name, request_.envp);
}

bool Exchange::ReadBody(size_t length, std::string* body) {
  body->resize(length);
  const int count = FCGX_GetStr(body->data(), static_cast<int>(length), request_.in);
  body_taken_ = count >= 0 && static_cast<size_t>(count) == length;
  return body_taken_ && FCGX_GetError(request_.in) == 0;
}

bool Exchange::DrainBody() {
  std::array<char, 4096> bytes;
  size_t drained = 0;
  while (drained <= kMostDrainedBytes) {
    const int count = FCGX_GetStr(bytes.data(), bytes.size(), request_.in);
    if (count < static_cast<int>(bytes.size())) return FCGX_GetError(request_.in) == 0;
    drained += static_cast<size_t>(count);
  }
  return false;
}

bool Exchange::HasMoreBody() const {
  const std::string_view length = OrEmpty(Parameter("CONTENT_LENGTH"));
  return !body_taken_ && !length.empty() && length != "0";
}

void Exchange::ReadToEnd() {
  if (!drained_) drained_ = DrainBody();
}

UniqueFd Exchange::Finish(std::string_view answer, bool keep) {
  CHECK(ok_);
  FCGX_PutStr(answer.data(), static_cast<int>(answer.size()), request_.out);
  // The answer leaves before the rest of a body is waited for; where there is none, with its end.
  if (HasMoreBody()) FCGX_FFlush(request_.out);
  ReadToEnd();
  if (!*drained_ || !keep) request_.keepConnection = 0;
  if (request_.keepConnection == 0) Lead::GiveUp();
  FCGX_Finish_r(&request_);
  ok_ = false;
  UniqueFd kept(request_.ipcFd);
  request_.ipcFd = -1;
  return kept;
}

}  // namespace latchkey::fcgi
