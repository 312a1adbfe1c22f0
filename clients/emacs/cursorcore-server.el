;;; cursorcore-server.el --- The connection to cursorcore-lsp  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; One server for all buffers, over a connection of its own, so that it runs
;; beside whatever else serves a buffer, Eglot included.  The text is kept in
;; step with the server change by change.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'project)
(require 'url-util)
(require 'cursorcore-text)

(defgroup cursorcore nil
  "Predicts the next edit, on this machine."
  :group 'tools
  :prefix "cursorcore-")

(defcustom cursorcore-command nil
  "How to start the server, as a list of strings.
When nil, the server that this package was shipped with is taken, and where it
is not in such a package, `cursorcore-lsp' on variable `exec-path'."
  :type '(choice (const :tag "Find it" nil) (repeat string)))

(defcustom cursorcore-settings nil
  "Settings of the server, as a nested property list.
For example (:engine \"pattern\" :history (:maxSnapshots 2)).  README of
cursorcore-lsp lists them.  What is false is written `:json-false'.  They are
sent when the server starts; `cursorcore-restart' starts it anew."
  :type '(plist :key-type symbol :value-type sexp))

(defvar cursorcore-server-lost-hook nil
  "Run when the server has ended: nothing that it said counts any longer.")

(defvar cursorcore-server-state-hook nil
  "Run when the server is started, ready or lost.")

(defvar cursorcore-server-notification-functions nil
  "Called with the method, a symbol, and the parameters of each notification.")

(defvar cursorcore-server-request-functions nil
  "Called with the method, a symbol, and the parameters of each request.
The first answer that is not nil is taken.  It may be (later . FUNCTION), when
FUNCTION is called with a function that takes the answer once there is one.")

(defconst cursorcore-server--package
  (expand-file-name "../.." (file-name-directory (or load-file-name buffer-file-name default-directory)))
  "The folder of the npm package that this file may be in.")

(defconst cursorcore-server-max-size (* 4 1024 1024)
  "Longer buffers, in characters, are not sent.
No setting lets the server read them.")

(defclass cursorcore-server-connection (jsonrpc-process-connection)
  ((last-id :initform nil :documentation "The id of the request that was sent last.")
   (later :initform nil :documentation "What is to be given a function to answer with."))
  "A connection that knows the ids of its requests, and may answer late.")

(defvar cursorcore-server--connection nil)
(defvar cursorcore-server-state nil
  "What the server does: nil, `starting', `ready', `lost' or `missing'.")
(defvar cursorcore-server--losses nil "When the server was lost, newest first.")
(defvar cursorcore-server--ending nil "Non-nil while the server is ended by us.")
(defvar cursorcore-server--said nil "What has been said once.")

(defun cursorcore-server-say (format &rest arguments)
  "Show FORMAT with ARGUMENTS as a message of ours."
  (message "cursorcore: %s" (apply #'format-message format arguments)))

(defun cursorcore-server-say-once (text)
  "Show TEXT as a message of ours, once in a session."
  (unless (member text cursorcore-server--said)
    (push text cursorcore-server--said)
    (cursorcore-server-say "%s" text)))

(defun cursorcore-server-say-missing (program)
  "Say once that PROGRAM is missing, and what to do.  Return nil."
  (cursorcore-server-say-once
   (format "%s is not on `exec-path'; see C-h v cursorcore-command" program))
  nil)

;;; The connection

(cl-defmethod jsonrpc-connection-send :around ((connection cursorcore-server-connection)
                                               &rest arguments &key id method result &allow-other-keys)
  "Send over CONNECTION, as ARGUMENTS say, unless RESULT is to follow later.
A message with ID and METHOD and no RESULT is a request, whose ID is kept."
  (if (and id (eq (car-safe result) 'cursorcore-later))
      ;; The answer to a request that a person has to think about.
      (run-at-time 0 nil (cdr result)
                   (lambda (answer)
                     (when (jsonrpc-running-p connection)
                       (jsonrpc-connection-send connection :id id :result answer))))
    (when (and id method (not (plist-member arguments :result)) (not (plist-member arguments :error)))
      (oset connection last-id id))
    (cl-call-next-method)))

(defun cursorcore-server-command ()
  "Return the command for the server, as a list."
  (let ((main (expand-file-name "dist/main.js" cursorcore-server--package)))
    (cond (cursorcore-command)
          ((file-exists-p main) (list "node" main "--stdio"))
          (t (list "cursorcore-lsp" "--stdio")))))

(defun cursorcore-server-alive-p ()
  "Return non-nil while there is a server, ready or not."
  (and cursorcore-server--connection (jsonrpc-running-p cursorcore-server--connection)))

(defun cursorcore-server--set (state)
  "Go over to STATE."
  (setq cursorcore-server-state state)
  (run-hooks 'cursorcore-server-state-hook))

(defun cursorcore-server-options ()
  "Return the settings for the server's start."
  (if cursorcore-settings (list :cursorcore cursorcore-settings) (make-hash-table)))

(defun cursorcore-server--initialize-parameters ()
  "Return the parameters of `initialize'."
  (let* ((project (project-current))
         (root (and project (expand-file-name (project-root project))))
         (folder (and root (not (file-remote-p root)) (list :uri (cursorcore-server--file-uri root)
                                                            :name (file-name-nondirectory
                                                                   (directory-file-name root))))))
    (list :processId (emacs-pid)
          :clientInfo (list :name "Emacs" :version emacs-version)
          :rootUri (plist-get folder :uri)
          :workspaceFolders (if folder (vector folder) [])
          :initializationOptions (cursorcore-server-options)
          :capabilities
          (list :general '(:positionEncodings ["utf-16"])
                :workspace '(:applyEdit t :workspaceEdit (:documentChanges t))
                :experimental '(:cursorcore (:refresh t :chat t :otherDocuments t))))))

(defun cursorcore-server--events-arguments ()
  "Return the arguments for a connection without a log.
They are named differently before version 1.0.22 of jsonrpc, that of Emacs 29."
  (if (ignore-errors (cl-find '-events-buffer-config (eieio-class-slots 'jsonrpc-connection)
                              :key #'eieio-slot-descriptor-name))
      '(:events-buffer-config (:size 0))
    '(:events-buffer-scrollback-size 0)))

(defun cursorcore-server-start ()
  "Start the server unless there is one, and return non-nil if there is.
Say why not where it cannot be started."
  (or (cursorcore-server-alive-p)
      (let ((program (car (cursorcore-server-command)))
            ;; Not where a buffer of another machine is.
            (default-directory (if (file-remote-p default-directory) (expand-file-name "~/") default-directory)))
        (if (executable-find program)
            (condition-case problem
                (progn (cursorcore-server--connect) t)
              (error (cursorcore-server--set 'missing)
                     (cursorcore-server-say-once
                      (format "%s does not start: %s" program (error-message-string problem)))
                     nil))
          (cursorcore-server--set 'missing)
          (cursorcore-server-say-missing program)))))

(defun cursorcore-server--connect ()
  "Start the server and have it open the buffers that it serves."
  (setq cursorcore-server--connection
        (apply #'make-instance 'cursorcore-server-connection
               :name "cursorcore"
               :notification-dispatcher #'cursorcore-server--notified
               :request-dispatcher #'cursorcore-server--requested
               :on-shutdown #'cursorcore-server--ended
               :process (lambda ()
                          (make-process :name "cursorcore"
                                        :command (cursorcore-server-command)
                                        :connection-type 'pipe
                                        :coding 'utf-8-emacs-unix
                                        :noquery t
                                        :stderr (get-buffer-create "*cursorcore stderr*")))
               (cursorcore-server--events-arguments)))
  (cursorcore-server--set 'starting)
  ;; One that has ended already takes nothing; its sentinel says so.
  (ignore-errors (cursorcore-server--initialize cursorcore-server--connection)))

(defun cursorcore-server--initialize (connection)
  "Begin to speak with the server over CONNECTION."
  (jsonrpc-async-request
   connection :initialize (cursorcore-server--initialize-parameters)
   :timeout nil
   :error-fn (lambda (problem)
               ;; A server that has ended says so by itself.
               (unless (eql (plist-get problem :code) -1)
                 (cursorcore-server-say "the server refuses to start: %s" (plist-get problem :message))))
   :success-fn (lambda (_answer)
                 (jsonrpc-notify connection :initialized (make-hash-table))
                 (cursorcore-server--set 'ready)
                 (cursorcore-server-each-buffer #'cursorcore-server-open))))

(defun cursorcore-server--complaint (connection)
  "Return why the server of CONNECTION ended, in its own words, or nil."
  (let ((buffer (jsonrpc-stderr-buffer connection)))
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (save-excursion
          (goto-char (point-max))
          (when (re-search-backward "^\\(?:\\[[^]]*\\] *\\)?\\(\\(?:.*[Ee]rror\\|cursorcore-lsp\\).*\\)$" nil t)
            (truncate-string-to-width (match-string-no-properties 1) 200)))))))

(defun cursorcore-server--ended (connection)
  "Say that the server of CONNECTION has ended, and start it again."
  (when (eq connection cursorcore-server--connection)
    (let ((was cursorcore-server-state)
          (ending cursorcore-server--ending))
      (setq cursorcore-server--connection nil)
      (cursorcore-server-each-buffer #'cursorcore-server--forget)
      (run-hooks 'cursorcore-server-lost-hook)
      (cursorcore-server--set (if ending nil 'lost))
      (unless ending
        (push (float-time) cursorcore-server--losses)
        (cond
         ((eq was 'starting)
          (cursorcore-server-say "the server ended before it was ready%s; M-x cursorcore-restart tries again"
                                 (let ((complaint (cursorcore-server--complaint connection)))
                                   (if complaint (concat " (" complaint ")") ""))))
         ;; The third within two minutes.
         ((and (nth 2 cursorcore-server--losses)
               (< (- (float-time) (nth 2 cursorcore-server--losses)) 120))
          (cursorcore-server-say "the server keeps ending; M-x cursorcore-restart starts it again"))
         (t
          (cursorcore-server-say "the server ended; it is started again")
          (run-at-time 0.2 nil #'cursorcore-server-start)))))))

(defun cursorcore-server-stop ()
  "End the server, and wait until it has."
  (when (cursorcore-server-alive-p)
    (let ((cursorcore-server--ending t)
          (inhibit-message t)
          (process (jsonrpc--process cursorcore-server--connection)))
      (ignore-errors
        (jsonrpc-request cursorcore-server--connection :shutdown nil :timeout 1)
        (jsonrpc-notify cursorcore-server--connection :exit nil))
      (with-timeout (1)
        (while (process-live-p process) (accept-process-output process 0.05)))
      (delete-process process)
      (with-timeout (1)
        (while (cursorcore-server-alive-p) (accept-process-output nil 0.05)))
      (setq cursorcore-server--connection nil)
      (cursorcore-server-each-buffer #'cursorcore-server--forget)
      (run-hooks 'cursorcore-server-lost-hook)
      (cursorcore-server--set nil))))

(defun cursorcore-server--notified (_connection method params)
  "Take a notification: METHOD with PARAMS."
  (pcase method
    ('window/showMessage (cursorcore-server-say "%s" (plist-get params :message)))
    (_ (run-hook-with-args 'cursorcore-server-notification-functions method params))))

(defun cursorcore-server--requested (_connection method params)
  "Answer a request: METHOD with PARAMS."
  (let ((answer (run-hook-with-args-until-success 'cursorcore-server-request-functions method params)))
    (cond ((eq (car-safe answer) 'later) (cons 'cursorcore-later (cdr answer)))
          (answer)
          ((memq method '(client/registerCapability client/unregisterCapability window/workDoneProgress/create))
           nil)
          (t (jsonrpc-error :code -32601 :message (format "no method %s" method))))))

(defun cursorcore-server-notify (method params)
  "Send the notification METHOD with PARAMS, if the server is ready."
  (when (and (eq cursorcore-server-state 'ready) (cursorcore-server-alive-p))
    (jsonrpc-notify cursorcore-server--connection method params)))

(cl-defun cursorcore-server-request (method params success &optional failure)
  "Send the request METHOD with PARAMS; call SUCCESS with the answer.
Call FAILURE, if it is given, with the message of an error.  Return the
request's id, or nil when the server is not ready."
  (when (and (eq cursorcore-server-state 'ready) (cursorcore-server-alive-p))
    (jsonrpc-async-request
     cursorcore-server--connection method params
     :timeout nil
     :success-fn success
     :error-fn (lambda (problem) (when failure (funcall failure (plist-get problem :message)))))
    (oref cursorcore-server--connection last-id)))

(defun cursorcore-server-cancel (id)
  "Tell the server that the answer to the request ID is not needed any longer."
  (when id (cursorcore-server-notify :$/cancelRequest (list :id id))))

(defun cursorcore-server-execute (command arguments &optional success failure)
  "Have the server run COMMAND with ARGUMENTS, a vector.
SUCCESS and FAILURE are as in `cursorcore-server-request'."
  (cursorcore-server-request :workspace/executeCommand (list :command command :arguments arguments)
                             (or success #'ignore) failure))

;;; Documents

(defvar-local cursorcore-server-uri nil "The URI under which the server has this buffer open, or nil.")
(defvar-local cursorcore-server-unserved nil "Why this buffer is not served, or nil.")
(defvar-local cursorcore-server-version 0 "The version of this buffer that the server has.")
(defvar-local cursorcore-server--changes nil "Changes that are not sent yet, newest first; t for everything.")
(defvar-local cursorcore-server--before nil "(BEG END RANGE) of the text that is about to change.")
(defvar-local cursorcore-server--tick nil "The buffer's tick after the last change that was seen.")
(defvar cursorcore-server--whole nil "Non-nil while a change of several parts is recorded as one.")

(defvar cursorcore-mode)

(defun cursorcore-server-each-buffer (function)
  "Call FUNCTION in each buffer that wants to be served."
  (dolist (buffer (buffer-list))
    (when (buffer-local-value 'cursorcore-mode buffer)
      (with-current-buffer buffer (funcall function)))))

(defun cursorcore-server--file-uri (file)
  "Return the URI of FILE."
  (concat "file://" (and (not (string-prefix-p "/" file)) "/")
          (url-hexify-string (expand-file-name file) url-path-allowed-chars)))

(defun cursorcore-server-buffer-uri ()
  "Return the URI of the current buffer, by its file, else by its name."
  (let ((buffer (or (buffer-base-buffer) (current-buffer))))
    (if (buffer-file-name buffer)
        (cursorcore-server--file-uri (buffer-file-name buffer))
      (concat "untitled:" (url-hexify-string (buffer-name buffer))))))

(defun cursorcore-server-buffer-of (uri)
  "Return the buffer that the server has open as URI, or nil."
  (cl-find-if (lambda (buffer) (equal uri (buffer-local-value 'cursorcore-server-uri buffer))) (buffer-list)))

(defun cursorcore-server--text ()
  "Return the whole text of the buffer."
  (save-restriction (widen) (buffer-substring-no-properties (point-min) (point-max))))

(defun cursorcore-server--unfit ()
  "Say why the current buffer is not served, or return nil."
  (cond ((and buffer-file-name (file-remote-p buffer-file-name)) "files of other machines are not served")
        ((> (buffer-size) cursorcore-server-max-size) "it is too long")
        ((cursorcore-text-unfit (cursorcore-server--text)))))

(defun cursorcore-server-open ()
  "Have the server open the current buffer, unless it is not fit for that."
  (setq cursorcore-server-unserved (cursorcore-server--unfit))
  (unless (or cursorcore-server-uri cursorcore-server-unserved (not (eq cursorcore-server-state 'ready)))
    (setq cursorcore-server-uri (cursorcore-server-buffer-uri)
          cursorcore-server-version (1+ cursorcore-server-version)
          cursorcore-server--changes nil
          cursorcore-server--before nil
          cursorcore-server--tick (buffer-chars-modified-tick))
    (cursorcore-server-notify :textDocument/didOpen
                              (list :textDocument (list :uri cursorcore-server-uri
                                                        :languageId (cursorcore-text-language)
                                                        :version cursorcore-server-version
                                                        :text (cursorcore-server--text))))))

(defun cursorcore-server--forget ()
  "Take the current buffer for one that the server does not have."
  (setq cursorcore-server-uri nil
        cursorcore-server--changes nil))

(defun cursorcore-server-close ()
  "Have the server close the current buffer."
  (when cursorcore-server-uri
    (cursorcore-server-notify :textDocument/didClose (list :textDocument (list :uri cursorcore-server-uri)))
    (cursorcore-server--forget)))

(defun cursorcore-server-renew ()
  "Open the buffer anew where its file has another name now."
  (when (and cursorcore-server-uri (not (equal cursorcore-server-uri (cursorcore-server-buffer-uri))))
    (cursorcore-server-close)
    (cursorcore-server-open)))

(defun cursorcore-server-before-change (beg end)
  "Keep the range of the protocol for BEG to END, which will be another text."
  (when (and cursorcore-server-uri (not cursorcore-server--whole))
    ;; Some code changes text without saying so.
    (unless (eql cursorcore-server--tick (buffer-chars-modified-tick))
      (cursorcore-server-record-all))
    (setq cursorcore-server--before
          (and (listp cursorcore-server--changes) (list beg end (cursorcore-text-range beg end))))))

(defun cursorcore-server-after-change (beg end length)
  "Record that LENGTH characters became those from BEG to END."
  (when (and cursorcore-server-uri (not cursorcore-server--whole))
    (pcase cursorcore-server--before
      ;; Emacs may announce more than it changes.
      ((and `(,from ,to ,range) (guard (and (<= from beg) (<= (+ beg length) to))))
       (cursorcore-server--record range from (+ to (- end beg length))))
      (_ (cursorcore-server-record-all)))
    (setq cursorcore-server--before nil
          cursorcore-server--tick (buffer-chars-modified-tick))))

(defun cursorcore-server--record (range from to)
  "Record that RANGE, as the server has it, became the text between FROM and TO."
  (let* ((text (save-restriction (widen) (buffer-substring-no-properties from to)))
         (unfit (cursorcore-text-unfit text))
         (last (car-safe cursorcore-server--changes)))
    (cond
     (unfit
      (cursorcore-server-close)
      (setq cursorcore-server-unserved unfit))
     ((eq cursorcore-server--changes t))
     ;; What is put in where something has just been taken out replaces that.
     ((and last (equal (plist-get last :text) "")
           (equal (plist-get range :start) (plist-get range :end))
           (equal (plist-get range :start) (plist-get (plist-get last :range) :start)))
      (setcar cursorcore-server--changes (list :range (plist-get last :range) :text text)))
     (t (push (list :range range :text text) cursorcore-server--changes)))))

(defun cursorcore-server-record-all ()
  "Have the whole text sent the next time."
  (setq cursorcore-server--changes t))

(defun cursorcore-server-put (parts)
  "Make PARTS true in the current buffer, as one change for the server.
Return where the new text of the last one ends, as a marker."
  (let* ((beg (nth 1 (car parts)))
         (end (copy-marker (nth 2 (car (last parts))) t))
         (range (and cursorcore-server-uri (cursorcore-text-range beg end)))
         (behind (let ((cursorcore-server--whole t)) (cursorcore-text-put parts))))
    (when cursorcore-server-uri
      (cursorcore-server--record range beg (marker-position end))
      (setq cursorcore-server--tick (buffer-chars-modified-tick)))
    (set-marker end nil)
    behind))

(defun cursorcore-server-flush ()
  "Send what has changed in the current buffer, and return non-nil if anything had."
  (when cursorcore-server-uri
    (unless (eql cursorcore-server--tick (buffer-chars-modified-tick))
      (cursorcore-server-record-all))
    (when cursorcore-server--changes
      (when (eq cursorcore-server--changes t)
        (setq cursorcore-server-unserved (cursorcore-server--unfit)))
      (if cursorcore-server-unserved
          (cursorcore-server-close)
        (cl-incf cursorcore-server-version)
        (cursorcore-server-notify
         :textDocument/didChange
         (list :textDocument (list :uri cursorcore-server-uri :version cursorcore-server-version)
               :contentChanges (if (eq cursorcore-server--changes t)
                                   (vector (list :text (cursorcore-server--text)))
                                 (vconcat (reverse cursorcore-server--changes)))))
        (setq cursorcore-server--changes nil
              cursorcore-server--tick (buffer-chars-modified-tick)))
      t)))

(defun cursorcore-server-in-step-p (&optional version)
  "Return non-nil if the server has the text as it is, as VERSION if that is given."
  (and cursorcore-server-uri
       (null cursorcore-server--changes)
       (eql cursorcore-server--tick (buffer-chars-modified-tick))
       (or (null version) (eql version cursorcore-server-version))))

(provide 'cursorcore-server)
;;; cursorcore-server.el ends here
