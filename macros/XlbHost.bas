Attribute VB_Name = "XlbHost"
Option Explicit

' What every command does: find Python, hand over one command word and which workbook is meant, say how it went.
'
' The workbook's name is never part of a command as it is: XlbCoded leaves letters and digits of it, so that no program between here and
' Python can read more into it. All text a user sees comes from Python, except when Python does not start.
'
' Compiles in Excel (Windows, Mac) and in LibreOffice, which runs every branch of an #If: see XlbPlatform.

Public Const XLB_NOT_RUN As Long = -1
Private Const XLB_TITLE As String = "xlbridge"
Private Const XLB_CRASHED As Long = 70
Private Const XLB_SECONDS_TO_START As Long = 30
Private Const XLB_SECONDS_TO_ASK As Long = 1800

' -I: no variable, no folder of the workbook and no current folder in the search path; a json.py that came with an invoice is not imported.
Private Const XLB_DESK As String = "-I,-B,xlbridge.desk"

' Runs the module named by the second argument and keeps what it writes in the file named by the first, complete once it has its name;
' the last line is the exit code. In ASCII, so that VBA reads it on either system: other characters are &#233; and the like. No real line breaks here.
Private Const XLB_PROGRAM As String = "import sys;exec('''import os,runpy,traceback\nlog,module,code=sys.argv.pop(1),sys.argv.pop(1),0\n" & _
    "os.environ['COLUMNS']='110'\n" & _
    "sys.stdout=sys.stderr=out=open(log+'.part','w',encoding='ascii',errors='xmlcharrefreplace',newline='\\r\\n')\n" & _
    "try:\n runpy.run_module(module,run_name='__main__',alter_sys=True)\n" & _
    "except SystemExit as stop:\n code=stop.code or 0\n if not isinstance(code,int):\n  print(code);code=1\n" & _
    "except BaseException:\n traceback.print_exc();code=70\n" & _
    "print();print('exit',code);out.close();os.replace(log+'.part',log);sys.exit(code)''')"

' The command that was started and has not answered yet (Mac; on Windows Excel waits).
Private startedLog As String
Private startedAt As Date

' What a click does: `word` is one of the words of xlbridge/desk/commands.py, `book` the workbook it is about.
Public Sub XlbStart(ByVal word As String, ByVal book As Object)
    Dim text As String, code As Long
    If book Is Nothing Then
        XlbSay "Ouvrez d’abord un classeur, puis recommencez.", vbExclamation
    ElseIf XlbPlatform() = "windows" Then
        code = XlbRun(XLB_DESK, XlbHandover(word, book), text)
        If code <> XLB_NOT_RUN Then XlbConclude code, text
    ElseIf XlbPlatform() = "mac" Then
        XlbLaunch XlbHandover(word, book)
    Else
        XlbTrigger word
    End If
End Sub

' LibreOffice: its extension starts Python, for the workbook that holds this macro, and says how it went.
Private Sub XlbTrigger(ByVal word As String)
#If Mac Then
#ElseIf VBA7 Then
#Else
    Dim desk As Object
    Set desk = CreateUnoServiceWithArguments("org.xlbridge.Desk", Array(ThisComponent))
    If desk Is Nothing Then
        XlbSay "L’extension de xlbridge n’est pas dans LibreOffice. Dans une invite de commandes, lancez « xlbridge install --libreoffice », " & _
            "puis redémarrez LibreOffice.", vbExclamation
    Else
        desk.trigger word
    End If
#End If
End Sub

' windows and mac: Excel; libreoffice runs all three lines, so that its own has to be the last.
Public Function XlbPlatform() As String
#If Mac Then
    XlbPlatform = "mac"
#ElseIf VBA7 Then
    XlbPlatform = "windows"
#Else
    XlbPlatform = "libreoffice"
#End If
End Function

' The arguments of one command, a line each. --from_xl, --app and --hwnd are those by which xlwings finds the running Excel.
Public Function XlbHandover(ByVal word As String, ByVal book As Object) As String
    Dim host As Object
    XlbHandover = word & vbLf & "--host=" & XlbPlatform() & vbLf & "--wb=" & XlbCoded(book.Name) & vbLf & "--folder=" & XlbCoded(book.Path)
    Set host = Application ' late bound: Excel for Mac knows no Hwnd
    XlbHandover = XlbHandover & vbLf & "--from_xl=1" & vbLf & "--app=" & XlbCoded(XlbJoined(host.Path, host.Name))
    If XlbPlatform() = "windows" Then XlbHandover = XlbHandover & vbLf & "--hwnd=" & host.Hwnd
End Function

' Letters and digits of ASCII as they are, every other UTF-16 unit as « _ » and four hexadecimal digits.
Public Function XlbCoded(ByVal text As String) As String
    Dim position As Long, unit As Long, coded As String
    For position = 1 To Len(text)
        unit = AscW(Mid(text, position, 1))
        If unit < 0 Then unit = unit + 65536
        If (unit >= 48 And unit <= 57) Or (unit >= 65 And unit <= 90) Or (unit >= 97 And unit <= 122) Then
            coded = coded & ChrW(unit)
        Else
            coded = coded & "_" & Right("000" & Hex(unit), 4)
        End If
    Next position
    XlbCoded = coded
End Function

' Windows: runs a module of Python and waits. The exit code; `text` receives what it wrote. XLB_NOT_RUN: not run, and the reason has been said.
' `how`: options of Python and the module, with commas between; `arguments`: a line each.
Public Function XlbRun(ByVal how As String, ByVal arguments As String, ByRef text As String) As Long
    Dim windows As Object, command As String, log As String, folder As String, code As Long
    XlbRun = XLB_NOT_RUN
    log = XlbLogFile()
    command = XlbCommand(how, log, arguments)
    If command = "" Then Exit Function
    Set windows = XlbCreate("WScript.Shell")
    If windows Is Nothing Then
        XlbSay "Cet ordinateur ne laisse pas Excel lancer un programme (WScript.Shell). Demandez à son administrateur de le permettre.", _
            vbExclamation
        Exit Function
    End If
    If windows.ExpandEnvironmentStrings(XlbCommandLine(command)) <> XlbCommandLine(command) Then
        XlbSay "Le nom du classeur ou de son dossier contient un mot entre deux « % » que Windows remplacerait. Renommez-le, " & _
            "puis recommencez.", vbExclamation
        Exit Function
    End If
    folder = windows.CurrentDirectory
    windows.CurrentDirectory = Environ("SystemRoot") ' a py.exe beside the invoices is not the one that starts
    Application.StatusBar = "xlbridge travaille…"
    code = XlbWait(windows, XlbCommandLine(command))
    Application.StatusBar = False
    XlbReturnTo windows, folder
    If XlbIsFile(log) Then
        XlbRun = XlbOutcome(log, text)
    ElseIf XlbIsFile(log & ".part") Then
        XlbSayStopped code, XlbTakenFrom(log & ".part")
    Else
        XlbSayNotStarted command, code, ""
    End If
End Function

Private Sub XlbReturnTo(ByVal windows As Object, ByVal folder As String)
    On Error Resume Next ' a drive that is gone: what Python answers is said all the same
    windows.CurrentDirectory = folder
End Sub

' Mac: starts Python and returns at once, so that Excel can answer it; XlbFollow says how it went.
Private Sub XlbLaunch(ByVal arguments As String)
    Dim command As String, log As String
    If startedLog <> "" Then
        XlbSay "xlbridge travaille encore : attendez la fin de la commande précédente.", vbInformation
        Exit Sub
    End If
    log = XlbLogFile()
    command = XlbCommand(XLB_DESK, log, arguments)
    If command = "" Then Exit Sub
    If XlbLaunched(command) Then
        startedLog = log
        startedAt = Now
        Application.StatusBar = "xlbridge travaille…"
        XlbFollowLater
    Else
        XlbSayNotStarted command, XLB_NOT_RUN, ""
    End If
End Sub

Private Function XlbLaunched(ByVal command As String) As Boolean
    On Error GoTo NotFound
#If Mac Then
    AppleScriptTask "xlbridge.applescript", "XlbStart", command
#End If
    XlbLaunched = True
NotFound:
End Function

' Looks once a second whether the command that was started has ended.
Public Sub XlbFollow()
    Dim seconds As Long, text As String, code As Long, log As String
    log = startedLog
    seconds = DateDiff("s", startedAt, Now)
    If log = "" Then Exit Sub
    If Not XlbIsFile(log) Then
        If XlbIsAwaited(log, seconds) Then
            Application.StatusBar = "xlbridge travaille… " & seconds & " s"
            XlbFollowLater
            Exit Sub
        End If
    End If
    startedLog = ""
    Application.StatusBar = False
    If XlbIsFile(log) Then
        code = XlbOutcome(log, text)
        XlbConclude code, text
    ElseIf XlbIsFile(log & ".part") Then
        XlbSay "xlbridge n’a pas répondu ; il travaille peut-être encore. Avant d’émettre de nouveau, redémarrez Excel, puis cliquez sur " & _
            "« Contrôle du classeur » : il dit ce qui a été fait.", vbExclamation
    Else
        XlbSayNotStarted XlbPython(), XLB_NOT_RUN, ""
    End If
End Sub

' Whether a command without an outcome is waited for: one that has begun as long as the user wants, who may not have answered it yet.
Private Function XlbIsAwaited(ByVal log As String, ByVal seconds As Long) As Boolean
    If Not XlbIsFile(log & ".part") Then
        XlbIsAwaited = seconds < XLB_SECONDS_TO_START
    ElseIf seconds < XLB_SECONDS_TO_ASK Then
        XlbIsAwaited = True
    Else
        XlbIsAwaited = XlbSay("xlbridge travaille depuis longtemps. Attendre encore ?", vbYesNo + vbQuestion) = vbYes
        startedAt = Now
    End If
End Function

Private Sub XlbFollowLater()
    ' Add-in and workbook may both be open, each with its XlbFollow.
    Application.OnTime Now + TimeSerial(0, 0, 1), "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!XlbFollow"
End Sub

' The program and its arguments, a line each; empty when no Python is named that exists, and this has been said.
Private Function XlbCommand(ByVal how As String, ByVal log As String, ByVal arguments As String) As String
    Dim options As String, comma As Long
    If XlbPython() = "" Then Exit Function
    comma = InStrRev(how, ",")
    options = Replace(Left(how, comma - 1), ",", vbLf)
    XlbCommand = XlbPython() & vbLf & options & vbLf & "-c" & vbLf & XLB_PROGRAM & vbLf & log & vbLf & Mid(how, comma + 1) & vbLf & arguments
End Function

Public Function XlbCommandLine(ByVal command As String) As String
    Dim part As Variant, quoted As String
    For Each part In Split(command, vbLf)
        quoted = quoted & " " & XlbQuoted(CStr(part))
    Next part
    XlbCommandLine = Mid(quoted, 2)
End Function

' One argument as Windows programs take a command line apart: backslashes before the closing quotation mark are doubled.
Public Function XlbQuoted(ByVal argument As String) As String
    Dim last As Long
    last = Len(argument)
    Do While last > 0
        If Mid(argument, last, 1) <> "\" Then Exit Do
        last = last - 1
    Loop
    XlbQuoted = """" & argument & String(Len(argument) - last, "\") & """"
End Function

' Python's program: XLBRIDGE_PYTHON, else what xlwings.conf of the user names, else the one the system finds. The launcher of Windows
' needs an argument of its own, on a second line. Empty when the one named does not exist, and this has been said.
Private Function XlbPython() As String
    Dim chosen As String, origin As String
    origin = "La variable d’environnement XLBRIDGE_PYTHON"
    chosen = Environ("XLBRIDGE_PYTHON")
    If chosen = "" Then
        origin = "Le fichier " & XlbSettingsFile()
        chosen = XlbSetting(XlbSettingsFile(), Replace("INTERPRETER_" & UCase(XlbPlatform()), "WINDOWS", "WIN"))
    End If
    If chosen = "" Then
        XlbPython = IIf(XlbPlatform() = "windows", "py" & vbLf & "-3", "python3")
    ElseIf XlbRefusal(chosen) = "" And XlbIsProgram(chosen) Then
        XlbPython = chosen
    Else
        XlbSay origin & " ne désigne pas un fichier : " & chosen & ". Mettez-y le chemin complet de Python, ou supprimez-le, puis relancez " & _
            "le tableur. « xlbridge doctor », dans une invite de commandes, dit ce qui manque.", vbExclamation
    End If
End Function

' A program outside the sandbox of Excel for Mac cannot be looked for from there.
Private Function XlbIsProgram(ByVal file As String) As Boolean
    If XlbPlatform() = "mac" Then XlbIsProgram = True Else XlbIsProgram = XlbIsFile(file)
End Function

' Where xlwings keeps the user's settings; in Excel for Mac, HOME is the folder of its sandbox.
Private Function XlbSettingsFile() As String
    Dim home As String
    home = Environ("USERPROFILE")
    If home = "" Then home = Environ("HOME")
    If XlbPlatform() <> "mac" Then home = XlbJoined(home, ".xlwings")
    XlbSettingsFile = XlbJoined(home, "xlwings.conf")
End Function

' The value beside `key` in a file of lines "KEY","value"; empty when there is none.
Private Function XlbSetting(ByVal file As String, ByVal key As String) As String
    Dim entry As Variant, parts() As String
    For Each entry In Split(XlbTextOf(file), vbLf)
        parts = Split(entry, """")
        If UBound(parts) >= 3 Then
            If UCase(parts(1)) = key Then XlbSetting = parts(3)
        End If
    Next entry
End Function

Private Function XlbLogFile() As String
    Dim folder As String
    folder = Environ("TEMP")
    If folder = "" Then folder = Environ("HOME")
    XlbLogFile = XlbJoined(folder, ".xlbridge-" & CLng(Date) & "-" & CLng(Timer * 100) & ".txt")
End Function

' The exit code at the end of the file; `text` receives what is before it. The file is removed.
Private Function XlbOutcome(ByVal log As String, ByRef text As String) As Long
    Dim last As Long
    text = XlbTakenFrom(log)
    last = InStrRev(text, "exit ")
    XlbOutcome = CLng(Val(Mid(text, last + 5)))
    text = XlbTrimmed(Left(text, last - 1))
End Function

' The last whole lines of a text, at most so many signs of them.
Private Function XlbTail(ByVal text As String, ByVal size As Long) As String
    XlbTail = Right(text, size)
    If Len(text) > size Then XlbTail = Mid(XlbTail, InStr(XlbTail, vbLf) + 1)
End Function

Private Function XlbTrimmed(ByVal text As String) As String
    Do While Right(text, 1) = vbLf
        text = Left(text, Len(text) - 1)
    Loop
    XlbTrimmed = text
End Function

' The message at the end. The codes are those of the command line: 1 findings, 2 wrong use, 3 unreadable, 4 ledger or archive, 5 not checked.
Private Sub XlbConclude(ByVal code As Long, ByVal text As String)
    If XlbMissing(code, text) Then
        XlbSayNotStarted XlbPython(), code, text
    ElseIf code < 0 Or code > 5 Then
        XlbSayStopped code, text
    ElseIf text <> "" Then
        XlbSay Left(text, 1000), IIf(code = 0, vbInformation, vbExclamation)
    End If
End Sub

Private Sub XlbSayStopped(ByVal code As Long, ByVal text As String)
    XlbSay "xlbridge s’est arrêté (code " & code & "). Rien de plus n’a été fait. Lancez « xlbridge doctor » dans une invite de " & _
        "commandes, il dit quoi faire." & vbLf & vbLf & XlbTail(text, 600), vbCritical
End Sub

' Whether Python started, but has no xlbridge, or one without what was asked for.
Public Function XlbMissing(ByVal code As Long, ByVal text As String) As Boolean
    XlbMissing = (code = XLB_CRASHED And InStr(Replace(text, "'", ""), "No module named xlbridge") > 0)
End Function

Public Sub XlbSayNotStarted(ByVal command As String, ByVal code As Long, ByVal log As String)
    Dim python As String
    python = Split(command, vbLf)(0)
    If code <> XLB_NOT_RUN Then python = python & ", code " & code
    XlbSay "xlbridge n’a pas démarré (" & python & "). Installez Python 3.11 ou plus récent (python.org), puis xlbridge (python -m pip install, " & _
        "suivi du dossier de xlbridge). S’ils y sont, « xlbridge doctor », dans une invite de commandes, dit ce qui manque ; le chemin de " & _
        "Python peut être mis dans la variable d’environnement XLBRIDGE_PYTHON." & vbLf & vbLf & XlbTail(log, 400), vbExclamation
End Sub

' Why a file of this name cannot be passed to a command, in a sentence; empty when it can.
Public Function XlbRefusal(ByVal fullName As String) As String
    Dim position As Long
    If LCase(Left(fullName, 4)) = "http" Then
        XlbRefusal = "Ce classeur est ouvert depuis Internet (OneDrive, SharePoint). Enregistrez-en une copie sur cet ordinateur, puis recommencez."
        Exit Function
    End If
    For position = 1 To Len(fullName)
        If Mid(fullName, position, 1) = """" Or (AscW(Mid(fullName, position, 1)) >= 0 And AscW(Mid(fullName, position, 1)) < 32) Then
            XlbRefusal = "Le nom du classeur ou de son dossier contient un guillemet ou un saut de ligne. Renommez-le, puis recommencez."
            Exit Function
        End If
    Next position
End Function

Public Function XlbJoined(ByVal folder As String, ByVal entry As String) As String
    If Right(folder, 1) = Application.PathSeparator Then
        XlbJoined = folder & entry
    Else
        XlbJoined = folder & Application.PathSeparator & entry
    End If
End Function

' The exit code of a command run without a window; XLB_NOT_RUN when Windows does not find its program.
Private Function XlbWait(ByVal windows As Object, ByVal commandLine As String) As Long
    XlbWait = XLB_NOT_RUN
    On Error GoTo NotFound
    XlbWait = windows.Run(commandLine, 0, True)
NotFound:
End Function

Public Function XlbSay(ByVal message As String, ByVal buttons As Long) As Long
    XlbSay = MsgBox(message, buttons, XLB_TITLE)
End Function

Private Function XlbCreate(ByVal className As String) As Object
    On Error Resume Next ' forbidden or not there: Nothing
    Set XlbCreate = CreateObject(className)
End Function
