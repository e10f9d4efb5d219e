"""A form that comes again, because the web server or a finger sent it twice, mails once."""

import os
import signal
import time

from stack.processes import wait_until


def test_a_repeated_form_mails_once_and_a_new_one_again(make_site):
    site = make_site()
    account, visitor = site.account(), site.visitor()
    page = visitor.open("/reset_password_request")
    assert visitor.submit(page, email=account.address).status == 303
    site.smtp.wait(account.address)
    wait_until("an empty outbox", site.outbox_is_empty)

    # By a worker that was not there yet, too.
    for pid in site.program_pids("latchkey-web"):
        os.kill(pid, signal.SIGKILL)
    wait_until("an answer", site.answers)
    again = visitor.submit(page, email=account.address)
    assert again.status == 303
    assert "Check your mail" in visitor.follow(again).page.text
    time.sleep(1)  # twice the mailer's rest
    assert len(site.smtp.mails(account.address)) == 1
    assert site.log_text().count("reset_repeated") == 1

    assert visitor.ask(account.address).status == 303
    site.smtp.wait(account.address, 2)
