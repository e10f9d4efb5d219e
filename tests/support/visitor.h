// visitor.h -- a browser in memory: keeps cookies, fills in forms, follows nothing by itself
//
//   Visitor ann(app);
//   ann.Open("/login");
//   ann.Submit({{"email", "ann@example.org"}, {"password", "..."}});
//   EXPECT_EQ(ann.status(), 303);
//   ann.Follow();

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.h"
#include "http/response.h"
#include "web/app.h"

namespace latchkey {

class Visitor {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit Visitor(web::App& app, std::string peer = "192.0.2.1");

  // GET of a path as it stands in a Location.
  const http::Response& Open(std::string_view path);
  // POST of the form on the page that was opened last: its hidden fields, and these over them.
  const http::Response& Submit(const Fields& fields);
  // POST of exactly these fields.
  const http::Response& Post(std::string_view path, const Fields& fields);
  // GET of the last reply's Location.
  const http::Response& Follow();
  // A request that is not a browser's.
  const http::Response& Send(http::Request request, http::PostedForm form);

  int status() const { return response_.status(); }
  std::string_view location() const { return response_.Header("Location"); }
  const std::string& page() const { return response_.body(); }
  bool Sees(std::string_view text) const { return page().find(text) != std::string::npos; }
  // value of the field of that name on the last page.
  std::string Field(std::string_view name) const;

  std::map<std::string, std::string> cookies;
  std::string origin;      // of POSTs
  std::string fetch_site;  // of POSTs
  std::string x_forwarded_for;
  std::string remote_user;

 private:
  http::Request Head(http::Method method, std::string_view path) const;
  http::Response Answer(web::App::Ticket ticket, http::PostedForm form);
  void Keep(const http::Response& response);

  web::App& app_;
  std::string peer_;
  std::string path_;  // of the last page
  http::Response response_{200};
};

}  // namespace latchkey
