// One FastCGI request over a socket pair, byte by byte as FastCGI 1.0 writes it, through the installed
// library: what connection.h relies on.

#include "fcgi/connection.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "unit/fcgi/web_server.h"

namespace latchkey::fcgi {
namespace {

std::string Head(bool keep) {
  return HeadOf(keep, Pair("REQUEST_METHOD", "POST") + Pair("REQUEST_URI", "/x"));
}

std::string Body(size_t size) {
  std::string records;
  for (; size > 0; size -= std::min<size_t>(size, 32'000)) {
    records += Record(kStdin, std::string(std::min<size_t>(size, 32'000), 'b'));
  }
  return records + Record(kStdin, "");
}

// The web server's end of a connection.
class Wire : public testing::Test {
 protected:
  Wire() {
    InitialiseLibrary();
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server_.Reset(ends[0]);
    ours_.Reset(ends[1]);
  }
  ~Wire() override {
    server_.Reset();
    if (writer_.joinable()) writer_.join();
  }
  // In a thread: more than a socket's buffer must not stop the test.
  void Send(std::string bytes) {
    if (writer_.joinable()) writer_.join();
    writer_ = std::thread([this, bytes = std::move(bytes)] {
      for (size_t sent = 0; sent < bytes.size();) {
        const ssize_t n = send(server_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return;
        sent += static_cast<size_t>(n);
      }
    });
  }
  void HangUp() {
    writer_.join();
    shutdown(server_.get(), SHUT_WR);
  }
  // All that has come back so far.
  std::string Received() {
    std::string all;
    char bytes[4096];
    pollfd readable{server_.get(), POLLIN, 0};
    while (poll(&readable, 1, 100) > 0) {
      const ssize_t n = recv(server_.get(), bytes, sizeof bytes, 0);
      if (n <= 0) break;
      all.append(bytes, static_cast<size_t>(n));
    }
    return all;
  }

  UniqueFd server_, ours_;
  std::thread writer_;
};

TEST_F(Wire, OneConnectionCarriesOneRequestAfterTheOther) {
  UniqueFd fd = std::move(ours_);
  for (int i = 0; i < 3; ++i) {
    Send(Head(/*keep=*/true) + Body(5));
    Exchange exchange(std::move(fd));
    ASSERT_TRUE(exchange.ok());
    EXPECT_STREQ(exchange.Parameter("REQUEST_URI"), "/x");
    EXPECT_EQ(exchange.Parameter("REMOTE_ADDR"), nullptr);
    std::string body;
    EXPECT_TRUE(exchange.ReadBody(5, &body));
    EXPECT_EQ(body, "bbbbb");
    fd = exchange.Finish("Status: 200 OK\r\n\r\nhello", /*keep=*/true);
    ASSERT_TRUE(fd.valid());
    const std::string reply = Received();
    EXPECT_NE(reply.find("hello"), std::string::npos);
    EXPECT_EQ(reply[reply.size() - 15], kEnd);
  }
}

TEST_F(Wire, ConnectionIsClosedWhenEitherSideWantsIt) {
  Send(Head(/*keep=*/false) + Body(0));
  Exchange asked(std::move(ours_));
  ASSERT_TRUE(asked.ok());
  EXPECT_FALSE(asked.Finish("Status: 200 OK\r\n\r\n", /*keep=*/true).valid());
}

TEST_F(Wire, DrainingServerClosesAfterTheAnswer) {
  Send(Head(/*keep=*/true) + Body(0));
  Exchange exchange(std::move(ours_));
  ASSERT_TRUE(exchange.ok());
  EXPECT_FALSE(exchange.Finish("Status: 200 OK\r\n\r\n", /*keep=*/false).valid());
  EXPECT_FALSE(Received().empty());
}

// A body left unread would be read as the next record.
TEST_F(Wire, EarlyAnswerDrainsAShortBodyAndTheNextRequestIsUnderstood) {
  Send(Head(/*keep=*/true) + Body(20'000));
  Exchange early(std::move(ours_));
  ASSERT_TRUE(early.ok());
  UniqueFd kept = early.Finish("Status: 413 Content Too Large\r\n\r\n", /*keep=*/true);
  ASSERT_TRUE(kept.valid());
  Received();
  Send(Head(/*keep=*/true) + Body(3));
  Exchange next(std::move(kept));
  ASSERT_TRUE(next.ok());
  EXPECT_STREQ(next.Parameter("REQUEST_METHOD"), "POST");
}

TEST_F(Wire, EarlyAnswerToALongBodyClosesTheConnection) {
  Send(Head(/*keep=*/true) + Body(Exchange::kMostDrainedBytes * 4));
  Exchange early(std::move(ours_));
  ASSERT_TRUE(early.ok());
  EXPECT_FALSE(early.Finish("Status: 413 Content Too Large\r\n\r\n", /*keep=*/true).valid());
}

TEST_F(Wire, BodyThatEndsBeforeItsLengthIsNotTaken) {
  Send(Head(/*keep=*/true) + Body(4));
  Exchange exchange(std::move(ours_));
  ASSERT_TRUE(exchange.ok());
  std::string body;
  EXPECT_FALSE(exchange.ReadBody(5, &body));
}

TEST_F(Wire, PeerThatHangsUpAnywhereInTheHeadIsNoRequestOrAnIncompleteOne) {
  const std::string head = Head(/*keep=*/true);
  for (size_t length = 0; length < head.size(); ++length) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    UniqueFd server(ends[0]);
    ASSERT_EQ(send(server.get(), head.data(), length, 0), static_cast<ssize_t>(length));
    shutdown(server.get(), SHUT_WR);
    Exchange exchange{UniqueFd(ends[1])};
    // The library takes parameters that end between two pairs for whole ones: then one is missing.
    if (exchange.ok()) {
      EXPECT_TRUE(exchange.Parameter("REQUEST_METHOD") == nullptr ||
                  exchange.Parameter("REQUEST_URI") == nullptr || length >= head.size() - 8)
          << length;
    }
  }
}

}  // namespace
}  // namespace latchkey::fcgi
